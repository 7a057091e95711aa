#include "host/services/pages_message.hpp"

#include <unicode/messagepattern.h>
#include <unicode/unistr.h>

#include <charconv>
#include <optional>

namespace postern::services {

struct Text::Node {
  enum class Kind : std::uint8_t {
    text,
    value,
    number,
    date,
    time,
    datetime,
    size,
    pound,
    plural,
    ordinal,
    select
  };
  struct Branch {
    std::optional<std::int64_t> exactly;  // "=1"
    std::string keyword;
    std::vector<Node> nodes;
  };
  Kind kind = Kind::text;
  std::string text;  // of a text; of the others the argument's name
  std::int64_t offset = 0;
  std::vector<Branch> branches;
};

namespace {

using Node = Text::Node;
using Nodes = std::vector<Node>;
using icu::MessagePattern;

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

/// Turns ICU's flat list of parts into a tree.
class Builder {
 public:
  Builder(const MessagePattern& pattern, std::set<std::string>& names) : pattern_(pattern), names_(names) {}

  /// From the MSG_START at `at` to its limit.
  Result<Nodes> message(int at) {
    Nodes nodes;
    const int limit = pattern_.getLimitPartIndex(at);
    int text_from = pattern_.getPart(at).getLimit();
    for (int i = at + 1; i <= limit; ++i) {
      const auto& part = pattern_.getPart(i);
      add_text(nodes, text_from, part.getIndex());
      switch (part.getType()) {
        case UMSGPAT_PART_TYPE_ARG_START: {
          POSTERN_TRY(auto node, argument(i));
          nodes.push_back(std::move(node));
          i = pattern_.getLimitPartIndex(i);
          break;
        }
        case UMSGPAT_PART_TYPE_REPLACE_NUMBER:
          nodes.push_back({Node::Kind::pound, number_.back().first, number_.back().second, {}});
          break;
        default:
          break;
      }
      text_from = pattern_.getPart(i).getLimit();
    }
    return nodes;
  }

 private:
  void add_text(Nodes& nodes, int from, int until) {
    if (until <= from) return;
    auto text = utf8(pattern_.getPatternString().tempSubStringBetween(from, until));
    if (!nodes.empty() && nodes.back().kind == Node::Kind::text)
      nodes.back().text += text;
    else
      nodes.push_back({Node::Kind::text, std::move(text), 0, {}});
  }

  Result<Node> argument(int at) {
    const auto type = pattern_.getPart(at).getArgType();
    const auto name = utf8(pattern_.getSubstring(pattern_.getPart(at + 1)));
    names_.insert(name);
    Node node;
    node.text = name;
    switch (type) {
      case UMSGPAT_ARG_TYPE_NONE:
        node.kind = Node::Kind::value;
        return node;
      case UMSGPAT_ARG_TYPE_SIMPLE:
        return simple(at, std::move(node));
      case UMSGPAT_ARG_TYPE_PLURAL:
        node.kind = Node::Kind::plural;
        break;
      case UMSGPAT_ARG_TYPE_SELECTORDINAL:
        node.kind = Node::Kind::ordinal;
        break;
      case UMSGPAT_ARG_TYPE_SELECT:
        node.kind = Node::Kind::select;
        break;
      default:
        return {Code::invalid, "{" + name + ", choice, …} is not taken; use plural or select"};
    }
    return branches(at, std::move(node));
  }

  Result<Node> simple(int at, Node node) {
    const auto type = utf8(pattern_.getSubstring(pattern_.getPart(at + 2)));
    const bool styled = pattern_.getPart(at + 3).getType() == UMSGPAT_PART_TYPE_ARG_STYLE;
    if (type == "number") {
      node.kind = Node::Kind::number;
    } else if (type == "date") {
      node.kind = Node::Kind::date;
    } else if (type == "time") {
      node.kind = Node::Kind::time;
    } else if (type == "datetime") {
      node.kind = Node::Kind::datetime;
    } else if (type == "size") {
      node.kind = Node::Kind::size;
    } else {
      return {Code::invalid, "{" + node.text + ", " + type +
                                 "} has a type that is not known; want number, date, time, "
                                 "datetime, size, plural, selectordinal or select"};
    }
    if (styled) return {Code::invalid, "{" + node.text + ", " + type + ", …} has a style; none is taken"};
    return node;
  }

  Result<Node> branches(int at, Node node) {
    const int limit = pattern_.getLimitPartIndex(at);
    int i = at + 2;
    if (MessagePattern::Part::hasNumericValue(pattern_.getPart(i).getType())) {  // offset:1
      node.offset = static_cast<std::int64_t>(pattern_.getNumericValue(pattern_.getPart(i)));
      ++i;
    }
    const bool counts = node.kind != Node::Kind::select;
    if (counts) number_.emplace_back(node.text, node.offset);
    while (i < limit) {
      Node::Branch branch;
      branch.keyword = utf8(pattern_.getSubstring(pattern_.getPart(i++)));
      if (MessagePattern::Part::hasNumericValue(pattern_.getPart(i).getType()))
        branch.exactly = static_cast<std::int64_t>(pattern_.getNumericValue(pattern_.getPart(i++)));
      POSTERN_TRY(branch.nodes, message(i));
      i = pattern_.getLimitPartIndex(i) + 1;
      node.branches.push_back(std::move(branch));
    }
    if (counts) number_.pop_back();
    return node;
  }

  const MessagePattern& pattern_;
  std::set<std::string>& names_;
  std::vector<std::pair<std::string, std::int64_t>> number_;  // what '#' stands for: argument and offset
};

/// Draws a tree; stops at the first argument that is not there.
class Drawing {
 public:
  Drawing(const Arguments& arguments, const Formats& formats, std::string& out)
      : arguments_(arguments), formats_(formats), out_(out) {}

  bool draw(const Nodes& nodes) {
    for (const auto& node : nodes)
      if (!draw(node)) return false;
    return true;
  }
  std::string complaint;

 private:
  bool fail(const Node& node, std::string_view wanted) {
    complaint = "needs {" + node.text + "}, " + std::string(wanted);
    return false;
  }

  bool draw(const Node& node) {
    if (node.kind == Node::Kind::text) {
      out_ += node.text;
      return true;
    }
    const auto argument = arguments_.argument(node.text);
    if (argument.kind == Argument::Kind::missing) return fail(node, "which the values do not have");
    if (node.kind == Node::Kind::value) return value(argument);
    if (node.kind == Node::Kind::select) return choose(node, argument);
    if (argument.kind != Argument::Kind::integer) return fail(node, "as an integer");
    const auto number = argument.integer;
    switch (node.kind) {
      case Node::Kind::number:
        formats_.number(number, out_);
        break;
      case Node::Kind::pound:
        formats_.number(number - node.offset, out_);
        break;
      case Node::Kind::date:
        formats_.date({number}, out_);
        break;
      case Node::Kind::time:
        formats_.time({number}, out_);
        break;
      case Node::Kind::datetime:
        formats_.datetime({number}, out_);
        break;
      case Node::Kind::size:
        formats_.size(number, out_);
        break;
      default:
        return count(node, number);
    }
    return true;
  }

  bool value(const Argument& argument) {
    if (argument.kind == Argument::Kind::text)
      out_ += argument.text;
    else
      formats_.number(argument.integer, out_);
    return true;
  }

  bool choose(const Node& node, const Argument& argument) {
    const auto text =
        argument.kind == Argument::Kind::text ? std::string(argument.text) : std::to_string(argument.integer);
    return draw(branch(node, text).nodes);
  }

  bool count(const Node& node, std::int64_t number) {
    for (const auto& branch : node.branches)
      if (branch.exactly == number) return draw(branch.nodes);
    const auto counted = number - node.offset;
    return draw(
        branch(node, node.kind == Node::Kind::plural ? formats_.plural(counted) : formats_.ordinal(counted))
            .nodes);
  }

  /// ICU's parser refuses a message without "other", so there is always one.
  const Node::Branch& branch(const Node& node, std::string_view keyword) {
    const Node::Branch* other = nullptr;
    for (const auto& branch : node.branches) {
      if (branch.keyword == keyword) return branch;
      if (branch.keyword == "other") other = &branch;
    }
    return *other;
  }

  const Arguments& arguments_;
  const Formats& formats_;
  std::string& out_;
};

}  // namespace

Result<Text> Text::parse(std::string_view source) {
  UErrorCode status = U_ZERO_ERROR;
  UParseError where{};
  const auto unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(source.data(), static_cast<int32_t>(source.size())));
  const MessagePattern pattern(unicode, &where, status);
  if (U_FAILURE(status))
    return {Code::invalid, std::string("ICU cannot read it (") + u_errorName(status) + ") at character " +
                               std::to_string(where.offset + 1) + ": " + utf8(where.preContext) + "▸" +
                               utf8(where.postContext)};
  Text text;
  Builder builder(pattern, text.names_);
  POSTERN_TRY(auto nodes, builder.message(0));
  for (const auto& node : nodes)
    if (node.kind == Node::Kind::text) text.plain_ += node.text;
  text.nodes_ = std::make_shared<const Nodes>(std::move(nodes));
  return text;
}

Result<void> Text::format(const Arguments& arguments, const Formats& formats, std::string& out) const {
  Drawing drawing(arguments, formats, out);
  if (!drawing.draw(*nodes_)) return {Code::internal, std::move(drawing.complaint)};
  return {};
}

}  // namespace postern::services
