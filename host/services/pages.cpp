// Pages: template sets of the host and the plugins, parsed for every language when they are added.
#include "host/services/pages.hpp"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

#include "host/services/pages_catalog.hpp"
#include "host/services/pages_language.hpp"
#include "host/services/pages_scope.hpp"
#include "host/services/pages_template.hpp"

namespace postern::services {
namespace {

constexpr std::string_view kFolder = "pages/";
constexpr std::string_view kFrame = "pages/frame.html";
constexpr std::string_view kHtmxSetup =
    R"(<meta name="htmx-config" content='{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true}'>)"
    "\n";

/// One template in every language, as a page in the frame and on its own.
struct Drawable {
  std::map<std::string, Template, std::less<>> page, fragment;  // by language tag
};

using Json = nlohmann::json;

/// What every template of a language may use. Holds the text that the values look at.
struct Base {
  explicit Base(std::string text) : json(std::move(text)), values(*PageValues::parse(json)) {}
  std::string json;
  PageValues values;
};

std::string escaped(std::string_view text) {
  std::string out;
  append_html(text, out);
  return out;
}

/// The digits of a telephone number for a tel: address (RFC 3966), "+49 (0)40 123-45" -> "+494012345".
std::string dialled(std::string_view phone) {
  std::string digits;
  const bool international = phone.find('+') != std::string_view::npos;
  for (std::size_t i = 0; i < phone.size(); ++i) {
    if (international && phone.substr(i).starts_with("(0)")) i += 3;
    if (i < phone.size() && ((phone[i] >= '0' && phone[i] <= '9') || phone[i] == '+')) digits += phone[i];
  }
  return digits;
}

class AllPages final : public Pages {
 public:
  AllPages(Branding branding, AssetPath asset_path, Catalog catalog)
      : branding_(std::move(branding)), asset_path_(std::move(asset_path)), catalog_(std::move(catalog)) {
    for (const auto& language : catalog_.languages())
      base_.emplace(language.tag, base_values(language).dump());
  }

  Result<void> load_host(const Files& files) {
    const auto frame = files.find(std::string(kFrame));
    if (frame == files.end()) return {Code::internal, "the host's files have no pages/frame.html"};
    frame_ = frame->second;
    return add_plugin("", files);
  }

  Result<void> add_plugin(std::string_view plugin, const Files& files) override {
    POSTERN_CHECK(catalog_.add(plugin, files));
    auto& drawables = drawables_[std::string(plugin)];
    for (const auto& [path, source] : files) {
      if (!path.starts_with(kFolder) || path == kFrame) continue;
      const bool is_html = path.ends_with(".html");
      if (!is_html && !path.ends_with(".txt")) continue;
      auto& drawable = drawables[path.substr(kFolder.size())];
      for (const auto& language : catalog_.languages())
        POSTERN_CHECK(
            parse(plugin, files, path, source, is_html ? Escape::html : Escape::none, language, drawable));
    }
    return {};
  }

  Result<std::string> page(std::string_view plugin, std::string_view name, std::string_view language,
                           std::string_view values) const override {
    const auto* drawable = find(plugin, name);
    if (drawable == nullptr) return no_template(plugin, name);
    if (drawable->page.empty())
      return {Code::internal, shown(plugin, name) + " is no whole page; give it a {{! title: key }}"};
    return draw(drawable->page, language, values, shown(plugin, name));
  }

  Result<std::string> fragment(std::string_view plugin, std::string_view name, std::string_view language,
                               std::string_view values) const override {
    const auto* drawable = find(plugin, name);
    if (drawable == nullptr) return no_template(plugin, name);
    return draw(drawable->fragment, language, values, shown(plugin, name));
  }

  Result<std::string> text(std::string_view plugin, std::string_view language_tag, std::string_view key,
                           std::string_view values) const override {
    const auto& language = this->language(language_tag);
    const auto* text = catalog_.find(language, plugin, key);
    if (text == nullptr)
      return {Code::internal, "there is no text \"" + std::string(key) + "\"" +
                                  (plugin.empty() ? "" : " of the plugin " + std::string(plugin)) + " in " +
                                  language.tag};
    POSTERN_TRY(const auto given, parse_values(values, key));
    Scope scope;
    scope.push(base_.at(language.tag).values);
    scope.push(given);
    std::string out;
    if (auto drawn = text->format(scope, language.formats, out); !drawn.ok())
      return {Code::internal, "the text \"" + std::string(key) + "\" " + drawn.error().message};
    return out;
  }

  std::string choose_language(std::string_view recipient, std::string_view accept_language) const override {
    return services::choose_language(branding_.languages, recipient, accept_language, branding_.language);
  }

  const Branding& branding() const override { return branding_; }

 private:
  using Drawables = std::map<std::string, Drawable, std::less<>>;

  static std::string shown(std::string_view plugin, std::string_view name) {
    return (plugin.empty() ? std::string() : std::string(plugin) + "/") + std::string(kFolder) +
           std::string(name);
  }
  static Error no_template(std::string_view plugin, std::string_view name) {
    return {Code::internal, "there is no template " + shown(plugin, name), {}};
  }
  static Result<PageValues> parse_values(std::string_view values, std::string_view name) {
    auto parsed = PageValues::parse(values);
    if (!parsed) return {Code::internal, "the values for " + std::string(name) + " are no JSON object"};
    return std::move(*parsed);
  }

  const Language& language(std::string_view tag) const {
    return catalog_.language(base_.find(tag) == base_.end() ? branding_.language : tag);
  }

  const Drawable* find(std::string_view plugin, std::string_view name) const {
    const auto set = drawables_.find(plugin);
    if (set == drawables_.end()) return nullptr;
    auto found = set->second.find(name);
    if (found == set->second.end()) found = set->second.find(std::string(name) + ".html");
    return found == set->second.end() ? nullptr : &found->second;
  }

  Result<std::string> draw(const std::map<std::string, Template, std::less<>>& templates,
                           std::string_view tag, std::string_view values, const std::string& name) const {
    const auto& language = this->language(tag);
    POSTERN_TRY(const auto given, parse_values(values, name));
    Scope scope;
    scope.push(base_.at(language.tag).values);
    scope.push(given);
    std::string out;
    POSTERN_CHECK(templates.at(language.tag).draw(scope, out));
    return out;
  }

  Json base_values(const Language& language) const {
    Json languages = Json::array();
    for (const auto& other : catalog_.languages())
      languages.push_back(
          {{"tag", other.tag}, {"name", other.formats.endonym()}, {"current", other.tag == language.tag}});
    return {{"firm", branding_.firm},
            {"logo", branding_.logo},
            {"accent", branding_.accent.empty() ? "#0b5fa5" : branding_.accent},
            {"contact_email", branding_.contact_email},
            {"contact_phone", branding_.contact_phone},
            {"contact_phone_digits", dialled(branding_.contact_phone)},
            {"has_contact", !branding_.contact_email.empty() || !branding_.contact_phone.empty()},
            {"privacy_url", branding_.privacy_url},
            {"language", language.tag},
            {"dir", language.formats.is_right_to_left() ? "rtl" : "ltr"},
            {"languages", languages},
            {"has_languages", languages.size() > 1}};
  }

  /// A plugin's own file comes first.
  std::string asset(std::string_view plugin, std::string_view name) const {
    const auto look_up = [&](std::string_view whole) {
      return asset_path_ ? asset_path_(whole) : "/assets/" + std::string(whole);
    };
    if (!plugin.empty())
      if (auto own = look_up(std::string(plugin) + "/" + std::string(name)); !own.empty()) return own;
    return look_up(name);
  }

  Result<std::string> head(std::string_view plugin, const std::string& path,
                           const std::vector<std::pair<std::string, std::string>>& said) const {
    std::string head;
    if (const auto brand = asset("", "brand.css"); !brand.empty())
      head += "<link rel=\"stylesheet\" href=\"" + escaped(brand) + "\">\n";
    for (const auto& [name, value] : said) {
      if (name != "style" && name != "script") continue;
      const auto address = asset(plugin, value);
      if (address.empty())
        return {Code::invalid, shown(plugin, path.substr(kFolder.size())) + ": {{! " + name + ": " + value +
                                   " }} names no file in web/"};
      if (name == "style")
        head += "<link rel=\"stylesheet\" href=\"" + escaped(address) + "\">\n";
      else if (value == "htmx.js")
        head += std::string(kHtmxSetup) + "<script defer src=\"" + escaped(address) + "\"></script>\n";
      else
        head += "<script type=\"module\" src=\"" + escaped(address) + "\"></script>\n";
    }
    return head;
  }

  Result<void> parse(std::string_view plugin, const Files& files, const std::string& path,
                     const std::string& source, Escape escape, const Language& language, Drawable& drawable) {
    const auto file = shown(plugin, path.substr(kFolder.size()));
    TemplateEnvironment environment;
    environment.language = &language;
    environment.content_file = file;
    environment.text = [&](std::string_view key) { return catalog_.find(language, plugin, key); };
    environment.asset = [&](std::string_view name) { return asset(plugin, name); };
    environment.partial = [&](std::string_view name) -> const std::string* {
      auto found = files.find(std::string(kFolder) + std::string(name));
      if (found == files.end()) found = files.find(std::string(kFolder) + std::string(name) + ".html");
      return found == files.end() ? nullptr : &found->second;
    };
    POSTERN_TRY(auto fragment, Template::parse(source, file, escape, environment));
    drawable.fragment.insert_or_assign(language.tag, std::move(fragment));

    const auto said = directives(source);
    std::map<std::string, std::string, std::less<>> slots{{"content", source},
                                                          {"why", "{{#t}}frame.why{{/t}}"}};
    for (const auto& [name, value] : said)
      if (name == "title" || name == "why") slots[name] = "{{#t}}" + value + "{{/t}}";
    if (!slots.contains("title")) return {};
    POSTERN_TRY(slots["head"], head(plugin, path, said));
    environment.slot = [&](std::string_view name) -> const std::string* {
      const auto found = slots.find(name);
      return found == slots.end() ? nullptr : &found->second;
    };
    POSTERN_TRY(auto page, Template::parse(frame_, file + " in " + std::string(kFrame), escape, environment));
    drawable.page.insert_or_assign(language.tag, std::move(page));
    return {};
  }

  Branding branding_;
  AssetPath asset_path_;
  Catalog catalog_;
  std::string frame_;
  std::map<std::string, Base, std::less<>> base_;            // by language tag
  std::map<std::string, Drawables, std::less<>> drawables_;  // by plugin, then template
};

}  // namespace

Result<std::unique_ptr<Pages>> Pages::create(const Files& host_files, Branding branding,
                                             AssetPath asset_path) {
  auto& languages = branding.languages;
  if (std::find(languages.begin(), languages.end(), branding.language) == languages.end())
    languages.insert(languages.begin(), branding.language);
  POSTERN_TRY(auto catalog, Catalog::create(languages, branding.time_zone));
  auto pages = std::make_unique<AllPages>(std::move(branding), std::move(asset_path), std::move(catalog));
  POSTERN_CHECK(pages->load_host(host_files));
  return std::unique_ptr<Pages>(std::move(pages));
}

}  // namespace postern::services
