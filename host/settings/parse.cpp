// yaml-cpp's events become nodes here. Events and not YAML::Node, because those lose duplicate keys, the
// order of keys and half of the positions, and expand aliases.
#include "host/settings/parse.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>
#include <unordered_map>

#include "host/settings/scalar.hpp"
#include "host/settings/source.hpp"

namespace postern::settings {

namespace {

/// Ends the reading: what follows could not be understood or is over a limit. Never leaves this file.
struct Stop {};

/// Reads the text where it is.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // NOLINT: never written, a get area wants char*
    setg(begin, begin, begin + text.size());
  }
};

struct Frame {
  std::shared_ptr<Node> node;
  std::string key;  // of the value that comes next
  Position key_at;
  bool key_waits = false;
  bool drop_value = false;                     // a duplicate or a merge: read, then forgotten
  std::unordered_map<std::string, int> lines;  // of the keys so far
};

class Builder : public YAML::EventHandler {
 public:
  Builder(Source& source, const Origin& origin, Problems& problems)
      : source_(source), origin_(origin), problems_(problems) {}

  /// What was read. After a Stop the open maps and lists are closed first.
  Value root() {
    while (!frames_.empty()) {
      frames_.back().key_waits = false;
      auto node = std::move(frames_.back().node);
      frames_.pop_back();
      place(std::move(node));
    }
    return root_;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark, "a second document", "one document to a file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    auto node = make(mark);
    if (wants_key()) stop(mark, "a key that is nothing", "a text as key");
    if (!frames_.empty()) node->at = node->key_at;
    place(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    add(mark, "an alias", "the value itself: anchors and aliases are not read");
    if (wants_key()) throw Stop{};
    place(make(mark));
  }

  void OnAnchor(const YAML::Mark& mark, const std::string& anchor) override {
    add(mark, "the anchor &" + anchor.substr(0, 40), "the value itself: anchors and aliases are not read");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& text) override {
    refuse_tag(mark, tag);
    bool is_quoted = tag == "!";
    if (is_quoted && !source_.quote_ends(source_.offset(mark.line, mark.column))) {
      stop(mark, "a quoted text that does not end", "a closing quote");
    }
    if (wants_key()) return take_key(mark, text, is_quoted);
    auto node = make(mark);
    if (is_quoted) {
      node->kind = Value::Kind::text;
      node->text = text;
    } else {
      type_plain_scalar(text, *node);
    }
    place(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, Value::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, Value::Kind::map);
  }
  void OnMapEnd() override { close(); }

  void add(const YAML::Mark& mark, std::string found, std::string wanted, std::string hint = {}) {
    Position at = source_.position(mark.line, mark.column);
    problems_.push_back(
        {*origin_.file, at.line, at.column, path(), std::move(found), std::move(wanted), std::move(hint)});
  }

 private:
  [[noreturn]] void stop(const YAML::Mark& mark, std::string found, std::string wanted,
                         std::string hint = {}) {
    add(mark, std::move(found), std::move(wanted), std::move(hint));
    throw Stop{};
  }

  bool wants_key() const {
    return !frames_.empty() && frames_.back().node->kind == Value::Kind::map && !frames_.back().key_waits;
  }

  /// The key path of the node that comes next.
  std::shared_ptr<const PathStep> next_step() const {
    if (frames_.empty()) return origin_.step;
    const Frame& frame = frames_.back();
    auto step = std::make_shared<PathStep>();
    step->parent = frame.node->step;
    if (frame.node->kind == Value::Kind::list) {
      step->index = static_cast<int>(frame.node->list.size());
    } else {
      step->key = frame.key;
    }
    return step;
  }
  std::string path() const {
    if (frames_.empty()) return to_string(origin_.step.get());
    return to_string(wants_key() ? frames_.back().node->step.get() : next_step().get());
  }

  std::shared_ptr<Node> make(const YAML::Mark& mark) {
    if (++nodes_ > kMostNodes) {
      stop(mark, "more than " + std::to_string(kMostNodes) + " values", "a smaller file");
    }
    auto node = std::make_shared<Node>();
    node->file = origin_.file;
    node->from_default = origin_.from_default;
    node->at = origin_.from_default ? origin_.at : source_.position(mark.line, mark.column);
    bool has_key = !frames_.empty() && frames_.back().node->kind == Value::Kind::map;
    node->key_at = has_key && !origin_.from_default ? frames_.back().key_at : node->at;
    return node;
  }

  void take_key(const YAML::Mark& mark, const std::string& key, bool is_quoted) {
    Frame& frame = frames_.back();
    if (key.size() > kLongestKey)
      stop(mark, "a key of " + std::to_string(key.size()) + " bytes", "at most 256");
    frame.key = key;
    frame.key_at = source_.position(mark.line, mark.column);
    frame.key_waits = true;
    frame.drop_value = false;
    if (key == "<<" && !is_quoted) {
      add(mark, "a merge key", "the keys themselves: merge keys are not read");
      frame.drop_value = true;
      return;
    }
    auto [first, is_new] = frame.lines.try_emplace(key, frame.key_at.line);
    if (is_new) return;
    add(mark, "the key a second time", "it once", "the first is on line " + std::to_string(first->second));
    frame.drop_value = true;
  }

  void place(std::shared_ptr<Node> node) {
    if (!node->step) node->step = next_step();
    if (frames_.empty()) {
      root_ = Value(std::move(node));
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node->kind == Value::Kind::list) {
      frame.node->list.emplace_back(std::move(node));
      return;
    }
    if (!frame.drop_value) frame.node->map.emplace_back(frame.key, Value(std::move(node)));
    frame.key_waits = false;
  }

  void open(const YAML::Mark& mark, const std::string& tag, Value::Kind kind) {
    refuse_tag(mark, tag);
    if (wants_key()) stop(mark, "a " + std::string(name(kind)) + " as key", "a text as key");
    if (frames_.size() >= static_cast<std::size_t>(kDeepest)) {
      stop(mark, "more than " + std::to_string(kDeepest) + " levels", "a flatter file");
    }
    auto node = make(mark);
    node->kind = kind;
    node->step = next_step();
    frames_.emplace_back().node = std::move(node);
  }

  void close() {
    auto node = std::move(frames_.back().node);
    frames_.pop_back();
    place(std::move(node));
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    add(mark, "the tag " + in_quotes(tag), "no tags");
  }

  Source& source_;
  const Origin& origin_;
  Problems& problems_;
  std::vector<Frame> frames_;
  Value root_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
};

std::string syntax_hint(const std::string& message) {
  if (message == "illegal map value") {
    return "keys of one map begin at the same column, and a text with \": \" in it needs quotes";
  }
  if (message == "end of sequence flow not found") return "a [ wants its ]";
  if (message == "end of map flow not found") return "a { wants its }";
  if (message == "illegal flow end") return "a ] or } without its [ or {";
  if (message == "end of map not found") return "check indentation and quotes here and on the line before";
  if (message == "unknown token") return "a text that begins with @, ` or % needs quotes";
  if (message == "the referenced anchor is not defined") return "a text that begins with * needs quotes";
  if (message.starts_with("unknown escape")) return "a backslash is doubled within \"...\", or use '...'";
  return {};
}

}  // namespace

Parsed parse(std::string_view text, const Origin& origin) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Source source(text);
  Parsed parsed{{}, source.forbidden(*origin.file), true};
  if (has_errors(parsed.problems)) {
    parsed.complete = false;
    return parsed;
  }
  Builder builder(source, origin, parsed.problems);
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    parsed.complete = false;  // the problem was noted
  } catch (const YAML::Exception& error) {
    parsed.complete = false;
    builder.add(error.mark, "what is not YAML (" + error.msg + ")", "correct YAML", syntax_hint(error.msg));
  }
  parsed.value = builder.root();
  return parsed;
}

}  // namespace postern::settings
