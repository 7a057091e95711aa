#include "host/services/pages_format.hpp"

#include <unicode/datefmt.h>
#include <unicode/locid.h>
#include <unicode/measunit.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <array>
#include <charconv>

namespace postern::services {
namespace {

using DatePattern = std::unique_ptr<icu::DateFormat>;
using NumberPattern = icu::number::LocalizedNumberFormatter;

void append(const icu::UnicodeString& text, std::string& out) {
  icu::StringByteSink<std::string> sink(&out, text.length() * 2);
  text.toUTF8(sink);
}

DatePattern date_pattern(const char16_t* skeleton, const icu::Locale& locale, const icu::TimeZone& zone) {
  UErrorCode status = U_ZERO_ERROR;
  DatePattern pattern(icu::DateFormat::createInstanceForSkeleton(skeleton, locale, status));
  if (U_FAILURE(status) || !pattern) return nullptr;
  pattern->setTimeZone(zone);
  return pattern;
}

constexpr std::array<std::string_view, 6> kCategories{"zero", "one", "two", "few", "many", "other"};

std::string_view category(const icu::PluralRules& rules, std::int64_t value) {
  // Doubles hold every count that stands in a message; beyond 2^53 all languages say "other" or the like.
  const auto keyword = rules.select(static_cast<double>(value));
  std::string text;
  keyword.toUTF8String(text);
  for (const auto known : kCategories)
    if (text == known) return known;
  return "other";
}

struct Unit {
  double least;  // from how many bytes on, after rounding
  double divisor;
  NumberPattern pattern;
};

NumberPattern unit_pattern(const icu::Locale& locale, const icu::MeasureUnit& unit, UNumberUnitWidth width) {
  return icu::number::NumberFormatter::withLocale(locale).unit(unit).unitWidth(width).precision(
      icu::number::Precision::minMaxFraction(0, 1));
}

}  // namespace

struct Formats::State {
  icu::Locale locale;
  DatePattern date, time, datetime;
  NumberPattern integer;
  std::array<Unit, 4> units;
  std::unique_ptr<icu::PluralRules> cardinal, ordinal;
  bool plain_digits = false;  // small numbers look as in C
};

Formats::Formats(std::unique_ptr<State> state) : state_(std::move(state)) {}
Formats::Formats(Formats&&) noexcept = default;
Formats::~Formats() = default;

Result<Formats> Formats::create(std::string_view language, std::string_view time_zone) {
  UErrorCode status = U_ZERO_ERROR;
  const std::string tag(language);
  const auto locale = icu::Locale::forLanguageTag(tag, status);
  if (U_FAILURE(status) || locale.isBogus() || *locale.getLanguage() == '\0')
    return {Code::invalid,
            "the language \"" + tag + "\" is not a language tag; want one such as en, ja or en-GB"};
  const auto zone_name = icu::UnicodeString::fromUTF8(std::string(time_zone));
  const std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(zone_name));
  if (!zone || *zone == icu::TimeZone::getUnknown())
    return {Code::invalid,
            "the time zone \"" + std::string(time_zone) + "\" is not known; want one such as Europe/Paris"};

  using icu::MeasureUnit;
  auto state = std::make_unique<State>(State{
      locale,
      date_pattern(u"yMMMMd", locale, *zone),
      date_pattern(u"jm", locale, *zone),
      date_pattern(u"yMMMMdjmvvvv", locale, *zone),
      icu::number::NumberFormatter::withLocale(locale),
      {{{999.95e6, 1e9, unit_pattern(locale, MeasureUnit::getGigabyte(), UNUM_UNIT_WIDTH_SHORT)},
        {999.95e3, 1e6, unit_pattern(locale, MeasureUnit::getMegabyte(), UNUM_UNIT_WIDTH_SHORT)},
        {999.5, 1e3, unit_pattern(locale, MeasureUnit::getKilobyte(), UNUM_UNIT_WIDTH_SHORT)},
        {0, 1, unit_pattern(locale, MeasureUnit::getByte(), UNUM_UNIT_WIDTH_FULL_NAME)}}},
      std::unique_ptr<icu::PluralRules>(icu::PluralRules::forLocale(locale, UPLURAL_TYPE_CARDINAL, status)),
      std::unique_ptr<icu::PluralRules>(icu::PluralRules::forLocale(locale, UPLURAL_TYPE_ORDINAL, status)),
      false});
  if (U_FAILURE(status) || !state->date || !state->time || !state->datetime)
    return {Code::invalid, "ICU has no formats for the language \"" + tag + "\""};
  Formats formats(std::move(state));
  std::string probe;
  formats.number(907, probe);
  formats.state_->plain_digits = probe == "907";
  return formats;
}

void Formats::number(std::int64_t value, std::string& out) const {
  if (state_->plain_digits && value >= 0 && value < 1000) {
    char digits[4];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    return;
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto formatted = state_->integer.formatInt(value, status);
  append(formatted.toTempString(status), out);
}

void Formats::date(Timestamp at, std::string& out) const {
  icu::UnicodeString text;
  append(state_->date->format(static_cast<UDate>(at.ms), text), out);
}

void Formats::time(Timestamp at, std::string& out) const {
  icu::UnicodeString text;
  append(state_->time->format(static_cast<UDate>(at.ms), text), out);
}

void Formats::datetime(Timestamp at, std::string& out) const {
  icu::UnicodeString text;
  append(state_->datetime->format(static_cast<UDate>(at.ms), text), out);
}

void Formats::size(std::int64_t bytes, std::string& out) const {
  const auto value = static_cast<double>(bytes);
  for (const auto& unit : state_->units) {
    if (value < unit.least && unit.divisor != 1) continue;
    UErrorCode status = U_ZERO_ERROR;
    const auto formatted = unit.pattern.formatDouble(value / unit.divisor, status);
    append(formatted.toTempString(status), out);
    return;
  }
}

std::string_view Formats::plural(std::int64_t value) const { return category(*state_->cardinal, value); }
std::string_view Formats::ordinal(std::int64_t value) const { return category(*state_->ordinal, value); }

std::string Formats::endonym() const {
  icu::UnicodeString name;
  state_->locale.getDisplayName(state_->locale, name);
  std::string text;
  append(name, text);
  return text;
}

bool Formats::is_right_to_left() const { return state_->locale.isRightToLeft(); }

}  // namespace postern::services
