// Templates and pages: what stands in them, what never can, and what is refused when they are loaded.
#include "host/services/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kainjow/mustache.hpp>

#include "host/web/embedded.hpp"

namespace postern::services {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFrame =
    R"(<html lang="{{language}}" dir="{{dir}}"><title>{{#slot}}title{{/slot}}</title>
{{#slot}}head{{/slot}}
<main>{{#slot}}content{{/slot}}</main><p>{{#slot}}why{{/slot}}</p>)";

Branding branding(std::vector<std::string> languages = {"en"}) {
  Branding made;
  made.firm = "Acme & Sons";
  made.language = languages.front();
  made.languages = std::move(languages);
  made.time_zone = "Asia/Tokyo";
  return made;
}

/// The host's side with one template "x.html" and texts of one language.
Files files(std::string_view page, std::string_view texts = "a: b\n") {
  return {{"pages/frame.html", kFrame},
          {"pages/x.html", std::string(page)},
          {"messages/en.yaml", "frame: {why: Because}\n" + std::string(texts)}};
}

std::string draw(std::string_view page, std::string_view values, std::string_view texts = "a: b\n") {
  auto pages = Pages::create(files(page, texts), branding());
  if (!pages.ok()) return "not loaded: " + pages.error().message;
  auto drawn = (*pages)->fragment("", "x.html", "en", values);
  return drawn.ok() ? *drawn : "not drawn: " + drawn.error().message;
}

std::string refusal(std::string_view page, std::string_view texts = "a: b\n") {
  auto pages = Pages::create(files(page, texts), branding());
  return pages.ok() ? "loaded" : pages.error().message;
}

TEST(Pages, EscapesEveryValue) {
  EXPECT_EQ(draw("<p title=\"{{x}}\">{{x}}</p>", R"({"x":"<script>alert('1' & \"2\")</script>"})"),
            "<p title=\"&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;\">"
            "&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;</p>");
}

TEST(Pages, NeverReadsAValueAsATemplateOrAMessage) {
  for (const char* hostile : {"{{firm}}", "{{#t}}secret{{/t}}", "{{{firm}}}", "{firm}",
                              "{x, plural, other{#}}", "'{'", "{{=<% %>=}}", "%s %n", "\\u0000"}) {
    const auto values = std::string(R"({"x":")") + hostile + "\"}";
    const auto out = draw("{{x}}|{{#t}}greet{{/t}}", values, "greet: Hello {x}\nsecret: SECRET\n");
    EXPECT_THAT(out, AllOf(Not(HasSubstr("Acme")), Not(HasSubstr("SECRET")), HasSubstr("|Hello ")))
        << hostile;
  }
  EXPECT_EQ(draw("{{#t}}greet{{/t}}", R"({"x":"{{firm}} & {firm} 'q'"})", "greet: Hello {x}\n"),
            "Hello {{firm}} &amp; {firm} &#39;q&#39;");
}

TEST(Pages, EscapesTheTextsThemselvesToo) {
  EXPECT_EQ(draw("{{#t}}plain{{/t}} {{#t}}args{{/t}}", R"({"n":1})", "plain: A < B\nargs: \"{n} > 0\"\n"),
            "A &lt; B 1 &gt; 0");
}

TEST(Pages, LeavesSectionsOutForNothingFalseZeroAndEmpty) {
  for (const char* value : {"null", "false", "0", "\"\"", "[]"})
    EXPECT_EQ(draw("{{#x}}yes{{/x}}{{^x}}no{{/x}}", std::string("{\"x\":") + value + "}"), "no") << value;
  for (const char* value : {"true", "1", "-1", "\"0\"", "[0]", "{}"})
    EXPECT_EQ(draw("{{#x}}yes{{/x}}{{^x}}no{{/x}}", std::string("{\"x\":") + value + "}"), "yes") << value;
  EXPECT_EQ(draw("{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{}"), "no");
}

TEST(Pages, DrawsListsInOrderAndLooksOutwards) {
  EXPECT_EQ(draw("{{#list}}{{name}}-{{of.kind}}{{#sub}}({{.}}{{name}}){{/sub}};{{/list}}",
                 R"({"of":{"kind":"k"},"list":[{"name":"a","sub":[1,2]},{"name":"b","sub":[]}]})"),
            "a-k(1a)(2a);b-k;");
}

TEST(Pages, AgreesWithTheLibraryWhereBothSpeakMustache) {
  struct Case {
    const char* source;
    const char* values;
  };
  const Case cases[] = {
      {"a{{x}}b{{{x}}}c{{&x}}", R"({"x":"<&>"})"},
      {"{{#s}}\n  {{x}}\n{{/s}}\nend\n", R"({"s":true,"x":"v"})"},
      {"{{^s}}none{{/s}}{{#l}}<{{n}}>{{/l}}", R"({"l":[{"n":"1"},{"n":"2"}]})"},
      {"| {{! gone }} |\nnext", "{}"},
      {"{{#o}}{{#p}}{{q}}{{/p}}{{/o}} {{o.p.q}}", R"({"o":{"p":{"q":"deep"}}})"},
      {"  {{#s}}  \nin\n  {{/s}}  \nout", R"({"s":true})"},
  };
  namespace mustache = kainjow::mustache;
  mustache::data deep_q{"q", "deep"};
  for (const auto& [source, values] : cases) {
    mustache::data data;
    data.set("x", std::string_view(values).find("<&>") != std::string_view::npos ? "<&>" : "v");
    data.set("s", std::string_view(values).find("\"s\":true") != std::string_view::npos);
    mustache::data list{mustache::data::type::list};
    list << mustache::data{"n", "1"} << mustache::data{"n", "2"};
    data.set("l", list);
    data.set("o", mustache::data{"p", deep_q});
    EXPECT_EQ(draw(source, values), mustache::mustache(source).render(data)) << source;
  }
}

TEST(Pages, FormatsSizesAndTimesInTemplates) {
  EXPECT_EQ(draw("{{#size}}bytes{{/size}}|{{#date}}at{{/date}}|{{#datetime}}at{{/datetime}}",
                 R"({"bytes":4200000,"at":1796220000000})"),
            "4.2 MB|December 2, 2026|December 2, 2026 at 11:00\u202fPM Japan Standard Time");
  EXPECT_THAT(draw("{{#date}}at{{/date}}", R"({"at":"soon"})"),
              HasSubstr("not drawn: pages/x.html: a date needs an integer value \"at\""));
}

TEST(Pages, InlinesPartialsAndStopsAtEndlessOnes) {
  auto set = files("[{{> row}}]");
  set["pages/row.html"] = "row {{x}}";
  auto pages = Pages::create(set, branding());
  ASSERT_TRUE(pages.ok()) << pages.error().message;
  EXPECT_EQ(*(*pages)->fragment("", "x", "en", R"({"x":1})"), "[row 1]");
  set["pages/row.html"] = "{{> row}}";
  auto endless = Pages::create(set, branding());
  ASSERT_FALSE(endless.ok());
  EXPECT_THAT(endless.error().message, HasSubstr("more than 16 deep"));
}

TEST(Pages, RefusesBrokenTemplatesWithFileAndLine) {
  EXPECT_EQ(refusal("one\ntwo {{#t}}nope{{/t}}\n"),
            "pages/x.html:2: {{#t}}nope{{/t}} names a text that messages/en.yaml does not have");
  EXPECT_EQ(refusal("{{! c }}\n{{#s}}\n{{/s}}\n{{#t}}k {{v}}{{/t}}"),
            "pages/x.html:4: {{#t}}k {{v}}{{/t}} wants one plain name between its tags; for a text that "
            "depends on a value use "
            "select in the message");
  EXPECT_EQ(refusal("{{> gone}}"), "pages/x.html:1: {{> gone}} names no template in pages/");
  EXPECT_EQ(refusal("{{#slot}}title{{/slot}}"),
            "pages/x.html:1: {{#slot}}title{{/slot}} is only known in the frame");
  EXPECT_THAT(refusal("{{#open}} never closed"), HasSubstr("pages/x.html: Unclosed section \"open\""));
  EXPECT_THAT(refusal("{{x"), HasSubstr("pages/x.html: Unclosed tag"));
  EXPECT_THAT(refusal("{{=<% %>=}}"), HasSubstr("other delimiters"));
  EXPECT_EQ(refusal("{{! title: gone }}"),
            "pages/x.html in pages/frame.html (title):1: {{#t}}gone{{/t}} names a text that messages/en.yaml "
            "does not have");
}

TEST(Pages, RefusesTextsThatDifferBetweenLanguages) {
  auto set = files("x", "a: one\nb: two {n}\n");
  set["messages/ja.yaml"] = "frame: {why: なぜ}\na: 一\n";
  EXPECT_EQ(Pages::create(set, branding()).error().message,
            "messages/ja.yaml has no text \"b\", which messages/en.yaml has; add it");
  set["messages/ja.yaml"] = "frame: {why: なぜ}\na: 一\nb: 二 {m}\n";
  EXPECT_EQ(Pages::create(set, branding()).error().message,
            "messages/ja.yaml: \"b\" uses {m}, which messages/en.yaml does not");
  set["messages/ja.yaml"] = "frame: {why: なぜ}\na: 一\nb: 二\nc: 三\n";
  EXPECT_EQ(Pages::create(set, branding()).error().message,
            "messages/en.yaml has no text \"c\", which messages/ja.yaml has; add it");
}

TEST(Pages, RefusesALanguageOfTheFirmThatHasNoTexts) {
  auto pages = Pages::create(files("x"), branding({"en", "fr"}));
  ASSERT_FALSE(pages.ok());
  EXPECT_EQ(pages.error().message,
            "Postern has no texts in \"fr\", a language of the firm; add messages/fr.yaml or take the "
            "language out of the firm's list");
}

TEST(Pages, RefusesBrokenTextsWithFileAndLine) {
  EXPECT_THAT(
      refusal("x", "a: b\nn: \"{n, plural, one {1}}\"\n"),
      AllOf(HasSubstr("messages/en.yaml:3: n: ICU cannot read it"), HasSubstr("U_DEFAULT_KEYWORD_MISSING")));
  EXPECT_THAT(refusal("x", "a: 3\n"), HasSubstr("messages/en.yaml:2: a is integer; want a text"));
}

TEST(Pages, PutsAPageIntoTheFrame) {
  auto set =
      files("{{! title: title }}\n{{! style: x.css }}\n{{! script: htmx.js }}\n<h1>{{#t}}title{{/t}}</h1>",
            "title: \"For {who}\"\n");
  auto pages = Pages::create(set, branding());
  ASSERT_TRUE(pages.ok()) << pages.error().message;
  const auto page = *(*pages)->page("", "x", "en", R"({"who":"<J>"})");
  EXPECT_THAT(page, HasSubstr("<title>For &lt;J&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("<link rel=\"stylesheet\" href=\"/assets/x.css\">"));
  EXPECT_THAT(page, HasSubstr("\"allowEval\":false"));
  EXPECT_THAT(page, HasSubstr("<main><h1>For &lt;J&gt;</h1></main><p>Because</p>"));
  EXPECT_EQ((*pages)->page("", "y", "en", "{}").error().message, "there is no template pages/y");
  EXPECT_EQ((*pages)->page("", "x", "en", "[]").error().message, "the values for pages/x are no JSON object");
}

TEST(Pages, SaysWhichTextLacksWhichArgument) {
  EXPECT_EQ(draw("{{#t}}a{{/t}}", "{}", "a: \"{n, plural, other {#}}\"\n"),
            "not drawn: pages/x.html: the text \"a\" needs {n}, which the values do not have");
}

TEST(Pages, KeepsPluginsApart) {
  auto pages = Pages::create(files("x", "shared: host\nonly: host only\n"), branding());
  ASSERT_TRUE(pages.ok());
  const Files one{{"messages/en.yaml", "shared: one\n"},
                  {"pages/p.html", "{{#t}}shared{{/t}} {{#t}}one.shared{{/t}} {{#t}}only{{/t}}"}};
  const Files two{{"messages/en.yaml", "mine: two\n"}, {"pages/p.html", "{{#t}}shared{{/t}}"}};
  const Files three{{"messages/en.yaml", "a: b\n"}, {"pages/p.html", "{{#t}}mine{{/t}}"}};
  ASSERT_TRUE((*pages)->add_plugin("one", one).ok());
  ASSERT_TRUE((*pages)->add_plugin("two", two).ok());
  EXPECT_EQ((*pages)->add_plugin("three", three).error().message,
            "three/pages/p.html:1: {{#t}}mine{{/t}} names a text that messages/en.yaml does not have");
  EXPECT_EQ(*(*pages)->fragment("one", "p", "en", "{}"), "one one host only");
  EXPECT_EQ(*(*pages)->fragment("two", "p", "en", "{}"), "host");
}

TEST(Pages, MirrorsRightToLeftLanguages) {
  auto set = files("{{! title: a }}");
  set["messages/ar.yaml"] = "frame: {why: لماذا}\na: مرحبا\n";
  auto pages = Pages::create(set, branding({"en", "ar"}));
  ASSERT_TRUE(pages.ok()) << pages.error().message;
  EXPECT_THAT(*(*pages)->page("", "x", "ar", "{}"), HasSubstr("<html lang=\"ar\" dir=\"rtl\">"));
  EXPECT_THAT(*(*pages)->page("", "x", "en", "{}"), HasSubstr("<html lang=\"en\" dir=\"ltr\">"));
}

TEST(Pages, ChooseTheReadersLanguage) {
  auto set = files("x");
  set["messages/ja.yaml"] = set["messages/pt.yaml"] = set["messages/en.yaml"];
  auto pages = Pages::create(set, branding({"en", "ja", "pt-BR"}));
  ASSERT_TRUE(pages.ok()) << pages.error().message;
  const struct {
    const char *recipient, *accept, *chosen;
  } cases[] = {
      {"ja", "en", "ja"},
      {"JA-jp", "", "ja"},
      {"", "ja;q=0.5, en;q=0.4", "ja"},
      {"", "de, ja;q=0.1", "ja"},
      {"", "pt-PT", "pt-BR"},
      {"", "pt-br;q=1.0", "pt-BR"},
      {"", "", "en"},
      {"", "xx, *;q=0.5", "en"},
      {"", "ja;q=0, en;q=0.1", "en"},
      {"", "ja;q=abc", "en"},
      {"tlh", "ja", "ja"},
      {"", ",;=,,q=1;;", "en"},
  };
  for (const auto& [recipient, accept, chosen] : cases)
    EXPECT_EQ((*pages)->choose_language(recipient, accept), chosen) << recipient << " | " << accept;
}

class HostPages : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(HostPages, DrawEveryErrorInEveryLanguage) {
  const auto& [language, kind] = GetParam();
  auto look = branding({"en", "ja"});
  look.contact_phone = "+81 (0)3 1234 5678";
  look.contact_email = "hello@acme.example";
  auto pages = Pages::create(web::embedded_files(), look);
  ASSERT_TRUE(pages.ok()) << pages.error().message;
  const auto page =
      (*pages)->page("", "error", language,
                     std::string(R"({"kind":")") + kind +
                         R"(","expires":1796220000000,"not_before":1796220000000,"ended":1796220000000})");
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_THAT(*page, AllOf(HasSubstr(std::string("<html lang=\"") + language), HasSubstr("tel:+81312345678"),
                           Not(HasSubstr("{{")), Not(HasSubstr(" style="))));
  if (std::string_view(kind) == "expired") {
    EXPECT_THAT(*page, HasSubstr(std::string_view(language) == "ja"
                                     ? "2026年12月2日 23:00 日本標準時"
                                     : "December 2, 2026 at 11:00\u202fPM Japan Standard Time"));
  }
}

INSTANTIATE_TEST_SUITE_P(All, HostPages,
                         ::testing::Combine(::testing::Values("en", "ja"),
                                            ::testing::Values("not_found", "expired", "revoked", "used_up",
                                                              "not_yet", "too_many", "busy", "held",
                                                              "invalid", "too_large", "method", "internal")));

}  // namespace
}  // namespace postern::services
