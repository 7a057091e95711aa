#include "host/cli/arguments.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#ifndef POSTERN_VERSION
#define POSTERN_VERSION "0"
#endif

namespace postern::cli {
namespace {

const char* const kAbout =
    "Postern gives a firm's clients links to act through, without logging in.\n"
    "Every command reads the settings that --config names.\n\n"
    "Exit codes: 0 done, 1 found something wrong or failed, 2 the command line or the settings are wrong.";

/// "30d", "12h", "15m", "90s" in milliseconds.
std::optional<std::int64_t> duration(const std::string& text) {
  if (text.size() < 2 || text.size() > 10) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 'd': unit = 86'400'000; break;
    case 'h': unit = 3'600'000; break;
    case 'm': unit = 60'000; break;
    case 's': unit = 1000; break;
    default: return std::nullopt;
  }
  if (text.find_first_not_of("0123456789") != text.size() - 1) return std::nullopt;
  return std::strtoll(text.c_str(), nullptr, 10) * unit;
}

class Parser {
 public:
  Parser() : app_(kAbout, "postern") {
    app_.set_version_flag("--version", POSTERN_VERSION);
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.add_option("-c,--config", arguments_.config, "the host's settings")->capture_default_str();

    leaf(app_, "serve", "answer requests until told to stop (SIGTERM drains, SIGHUP reads certificates again)", serve_);
    auto* check = leaf(app_, "check", "read all settings and every plugin's note; print each mistake with its place", check_);
    check->add_option("--sample", check_.sample, "print a commented sample instead")->check(CLI::IsMember({"host", "firm"}));
    check->add_option("--options", check_.options, "print the table of options instead")->check(CLI::IsMember({"host", "firm"}));
    leaf(app_, "migrate", "bring every firm's database to this version's tables", migrate_);
    plugin();
    key();
    links();
    audit();
  }

  std::variant<Arguments, int> parse(int count, const char* const* words) {
    try {
      app_.parse(count, words);
    } catch (const CLI::CallForHelp&) {
      std::cout << help();
      return 0;
    } catch (const CLI::CallForAllHelp&) {
      std::cout << app_.help("", CLI::AppFormatMode::All);
      return 0;
    } catch (const CLI::CallForVersion&) {
      std::cout << "postern " << POSTERN_VERSION << "\n";
      return 0;
    } catch (const CLI::ParseError& error) {
      std::cerr << "postern: " << error.what() << "; try postern --help\n";
      return 2;
    }
    return arguments_;
  }

 private:
  template <class T>
  CLI::App* leaf(CLI::App& parent, const char* name, const char* about, T& target) {
    auto* command = parent.add_subcommand(name, about);
    command->fallthrough();
    command->final_callback([this, &target] { arguments_.command = target; });
    return command;
  }
  CLI::App* group(const char* name, const char* about) {
    auto* command = app_.add_subcommand(name, about);
    command->require_subcommand(1);
    command->fallthrough();
    return command;
  }
  static void firm(CLI::App* command, std::string& target) {
    command->add_option("--firm", target, "the firm's id; may be left out when there is only one");
  }

  void plugin() {
    auto* parent = group("plugin", "look at plugins");
    auto* inspect = leaf(*parent, "inspect", "what a plugin's file says of itself; runs nothing of it", inspect_);
    inspect->add_option("FILE", inspect_.file, "a plugin library")->required();
    inspect->add_flag("--json", inspect_.json, "as JSON");
    leaf(*parent, "list", "the plugins in the plugin folder", plugin_list_);
  }

  void key() {
    auto* parent = group("key", "API keys of a firm");
    auto* create = leaf(*parent, "create", "make a key; it is shown once", key_create_);
    firm(create, key_create_.firm);
    create->add_option("--name", key_create_.name, "what it is for")->required();
    create->add_option("--role", key_create_.role, "what it may do")
        ->capture_default_str()
        ->check(CLI::IsMember({"owner", "admin", "member", "read-only"}));
    create->add_option_function<std::string>(
        "--expires",
        [this](const std::string& text) {
          const auto value = duration(text);
          if (!value) throw CLI::ValidationError("--expires", "found " + text + ", want a time such as 90d or 12h");
          key_create_.expires_in = *value;
        },
        "when it ends, from now: 90d, 12h; never when left out");
    create->add_flag("--quiet", key_create_.quiet, "print the key and nothing else");
    firm(leaf(*parent, "list", "all keys, without their text", key_list_), key_list_.firm);
    auto* revoke = leaf(*parent, "revoke", "end a key at once", key_revoke_);
    firm(revoke, key_revoke_.firm);
    revoke->add_option("ID", key_revoke_.id, "as `key list` shows it")->required();
  }

  void links() {
    auto* parent = group("links", "links of a firm");
    auto* list = leaf(*parent, "list", "links with their state", links_list_);
    firm(list, links_list_.firm);
    list->add_option("--plugin", links_list_.plugin, "only of this plugin");
    list->add_option("--email", links_list_.email, "only of this recipient");
    list->add_option("--state", links_list_.state, "only in this state")
        ->check(CLI::IsMember({"pending", "active", "expired", "used-up", "revoked"}));
    list->add_flag("--json", links_list_.json, "one JSON object a line");
    auto* revoke = leaf(*parent, "revoke", "end a link at once", links_revoke_);
    firm(revoke, links_revoke_.firm);
    revoke->add_option("ID", links_revoke_.id, "as `links list` shows it")->required();
    auto* reissue = leaf(*parent, "reissue", "a new address for a link; the old one is dead at once", links_reissue_);
    firm(reissue, links_reissue_.firm);
    reissue->add_option("ID", links_reissue_.id, "as `links list` shows it")->required();
    firm(leaf(*parent, "rotate-key", "new links get a new key; the old ones keep theirs", rotate_), rotate_.firm);
  }

  void audit() {
    auto* parent = group("audit", "the audit record of a firm");
    firm(leaf(*parent, "verify", "check the whole chain; names the first line that was changed, removed or moved", verify_),
         verify_.firm);
    auto* list = leaf(*parent, "list", "lines as JSON, one a line", audit_list_);
    firm(list, audit_list_.firm);
    list->add_option("--subject", audit_list_.subject, "only about this id");
    list->add_option("--link", audit_list_.link, "only through this link");
    list->add_option("--limit", audit_list_.limit, "the newest so many")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  }

  std::string help() const {
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return app->help();
  }

  CLI::App app_;
  Arguments arguments_;
  Serve serve_;
  Check check_;
  PluginInspect inspect_;
  PluginList plugin_list_;
  KeyCreate key_create_;
  KeyList key_list_;
  KeyRevoke key_revoke_;
  LinksList links_list_;
  LinksRevoke links_revoke_;
  LinksReissue links_reissue_;
  LinksRotateKey rotate_;
  AuditVerify verify_;
  AuditList audit_list_;
  Migrate migrate_;
};

}  // namespace

std::variant<Arguments, int> parse_arguments(int count, const char* const* words) { return Parser().parse(count, words); }

}  // namespace postern::cli
