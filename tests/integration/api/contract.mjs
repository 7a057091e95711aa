// The contract of /api/openapi.json: every request that is sent and every answer that comes is checked against it by Ajv
// (JSON Schema 2020-12), so a mistake in the description and one in the host both show.
import assert from "node:assert/strict";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const methods = ["get", "put", "post", "delete", "patch"];

/// Follows $ref within the document.
function resolver(document) {
  return (value) => {
    while (value?.$ref) {
      assert.ok(value.$ref.startsWith("#/"), `${value.$ref} leaves the document`);
      value = value.$ref.slice(2).split("/").reduce((at, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], document);
      assert.ok(value !== undefined, "a $ref that leads nowhere");
    }
    return value;
  };
}

export class Contract {
  constructor(document, url, key) {
    Object.assign(this, { document, url, key, called: new Map() });
    this.resolve = resolver(document);
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addSchema(document, "api");
    this.compiled = new Map();
    this.operations = new Map();
    for (const [path, item] of Object.entries(document.paths))
      for (const method of methods)
        if (item[method]) {
          const operation = item[method];
          assert.ok(operation.operationId, `${method} ${path} has no operationId`);
          assert.ok(!this.operations.has(operation.operationId), `${operation.operationId} stands there twice`);
          const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(this.resolve);
          this.operations.set(operation.operationId, { id: operation.operationId, method, path, operation, parameters });
        }
  }

  /// Throws, with every difference, when `value` is not what the schema at `pointer` says.
  check(schema, value, what) {
    // Schemas refer to each other within the document, so they are compiled as parts of it.
    const text = JSON.stringify(schema);
    if (!this.compiled.has(text))
      this.compiled.set(text, this.ajv.compile(JSON.parse(text.replaceAll('"$ref":"#/', '"$ref":"api#/'))));
    const validate = this.compiled.get(text);
    assert.ok(validate(value), `${what}: ${this.ajv.errorsText(validate.errors)}\n${JSON.stringify(value)?.slice(0, 2000)}`);
  }

  /// The described response of a status: exact, else its class.
  response(operation, status) {
    const responses = operation.operation.responses;
    const found = responses[status] ?? responses[`${Math.floor(status / 100)}XX`] ?? responses.default;
    assert.ok(found, `${operation.id} answered ${status}, which the description does not know`);
    return this.resolve(found);
  }

  /// Calls an operation. `wrong: true`: the request is meant to break the description and is not checked against it.
  async call(id, { path = {}, query = {}, headers = {}, json, body, status, wrong = false, key = this.key } = {}) {
    const operation = this.operations.get(id);
    assert.ok(operation, `no operation ${id}`);
    if (!wrong) this.checkRequest(operation, { path, query, headers, json, body });
    const target = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name]));
    const search = new URLSearchParams(query).toString();
    const init = { method: operation.method.toUpperCase(), headers: { ...headers }, redirect: "manual" };
    if (key) init.headers.Authorization = `Bearer ${key}`;
    if (json !== undefined) {
      init.body = JSON.stringify(json);
      init.headers["Content-Type"] ??= "application/json";
    } else if (body !== undefined) init.body = body;
    const reply = await fetch(`${this.url}/api/v1${target}${search && "?" + search}`, init);
    const answer = { status: reply.status, headers: reply.headers, bytes: Buffer.from(await reply.arrayBuffer()) };
    const type = (reply.headers.get("content-type") ?? "").split(";")[0];
    if (type.endsWith("json")) answer.json = JSON.parse(answer.bytes);
    const what = `${id} (${init.method} ${target}) -> ${answer.status}`;
    assert.ok(status === undefined || [status].flat().includes(answer.status), `${what}, wanted ${status}: ${answer.bytes.toString().slice(0, 500)}`);
    this.checkAnswer(operation, answer, type, what);
    this.called.set(id, [...(this.called.get(id) ?? []), answer.status]);
    return answer;
  }

  checkRequest(operation, sent) {
    for (const parameter of operation.parameters) {
      const from = { path: sent.path, query: sent.query, header: sent.headers }[parameter.in];
      const name = Object.keys(from).find((one) => one === parameter.name || (parameter.in === "header" && one.toLowerCase() === parameter.name.toLowerCase()));
      assert.ok(name !== undefined || !parameter.required, `${operation.id} needs ${parameter.name}`);
      if (name === undefined) continue;
      const numeric = parameter.schema?.type === "integer" ? Number(from[name]) : from[name];
      this.check(parameter.schema, numeric, `${operation.id}: parameter ${name}`);
    }
    const described = operation.parameters.filter((one) => one.in === "query").map((one) => one.name);
    for (const name of Object.keys(sent.query)) assert.ok(described.includes(name), `${operation.id}: ${name} is not described`);
    const requestBody = this.resolve(operation.operation.requestBody);
    assert.ok(requestBody || (sent.json === undefined && sent.body === undefined), `${operation.id} takes no body`);
    assert.ok(!requestBody?.required || sent.json !== undefined || sent.body !== undefined, `${operation.id} needs a body`);
    if (sent.json !== undefined) this.check(requestBody.content["application/json"].schema, sent.json, `${operation.id}: body`);
  }

  checkAnswer(operation, answer, type, what) {
    const response = this.response(operation, answer.status);
    for (const [name, header] of Object.entries(response.headers ?? {}).map(([name, one]) => [name, this.resolve(one)])) {
      const value = answer.headers.get(name);
      if (value !== null && header.schema) this.check(header.schema, value, `${what}: ${name}`);
      assert.ok(value !== null || !header.required, `${what}: no ${name}`);
    }
    if (!response.content) return assert.equal(answer.bytes.length, 0, `${what}: a body that is not described`);
    const content = response.content[type] ?? response.content["*/*"];
    assert.ok(content, `${what}: the type ${type} is not described`);
    if (answer.json !== undefined && type.endsWith("json") && response.content[type]) this.check(content.schema, answer.json, what);
    if (answer.status >= 400) {
      assert.equal(type, "application/problem+json", what);
      assert.equal(answer.json.status, answer.status, what);
    }
  }

  /// Every example in the description against the schema beside it.
  checkExamples() {
    let count = 0;
    const walk = (value, where) => {
      if (value === null || typeof value !== "object") return;
      if (value.schema && value.examples && !Array.isArray(value.examples))
        for (const [name, example] of Object.entries(value.examples)) {
          this.check(value.schema, this.resolve(example).value, `example ${where}/${name}`);
          ++count;
        }
      if (value.schema && value.example !== undefined) this.check(value.schema, value.example, `example of ${where}`), ++count;
      for (const [name, inner] of Object.entries(value)) walk(inner, `${where}/${name}`);
    };
    walk(this.document, "#");
    return count;
  }
}
