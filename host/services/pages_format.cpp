#include "host/services/pages_format.hpp"

#include <unicode/datefmt.h>
#include <unicode/dtptngen.h>
#include <unicode/locid.h>
#include <unicode/measunit.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <array>
#include <charconv>
#include <shared_mutex>
#include <unordered_map>

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

/// A pattern with its zone taken out: ICU needs 10 microseconds to name a zone in words, and the name is the
/// same all day.
struct Moment {
  DatePattern before, zone, after;  // before and after may be null: nothing stands there
};

Moment moment_pattern(const icu::Locale& locale, const icu::TimeZone& zone) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::DateTimePatternGenerator> generator(
      icu::DateTimePatternGenerator::createInstance(locale, status));
  if (U_FAILURE(status) || !generator) return {};
  const auto whole = generator->getBestPattern(u"yMMMMdjmvvvv", status);
  const auto at = whole.indexOf(u"vvvv");
  if (U_FAILURE(status) || at < 0) return {};
  const auto pattern = [&](const icu::UnicodeString& text) -> DatePattern {
    if (text.isEmpty()) return nullptr;
    DatePattern made = std::make_unique<icu::SimpleDateFormat>(text, locale, status);
    made->setTimeZone(zone);
    return made;
  };
  Moment moment{pattern(whole.tempSubStringBetween(0, at)), pattern(u"vvvv"),
                pattern(whole.tempSubString(at + 4))};
  if (U_FAILURE(status)) return {};
  return moment;
}

/// The zone's name on the days it was asked for. Bounded; shared by the threads that draw.
class ZoneNames {
 public:
  /// Appends the name at that time, made by `make` when it is not known yet.
  template <class F>
  void append(Timestamp at, std::string& out, F&& make) {
    // On the day of a change there are two names: such a day has one entry for each half hour.
    const auto slot = at.ms / (30 * kMinute);
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = names_.find(slot); found != names_.end()) {
        out += found->second;
        return;
      }
    }
    std::string name;
    make(name);
    out += name;
    const std::unique_lock lock(mutex_);
    if (names_.size() >= kMost) names_.clear();
    names_.emplace(slot, std::move(name));
  }

 private:
  static constexpr std::size_t kMost = 8192;
  std::shared_mutex mutex_;
  std::unordered_map<std::int64_t, std::string> names_;
};

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
  DatePattern date, time;
  Moment moment;
  NumberPattern integer;
  std::array<Unit, 4> units;
  std::unique_ptr<icu::PluralRules> cardinal, ordinal;
  bool plain_digits = false;  // small numbers look as in C
  std::unique_ptr<ZoneNames> zone_names;
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
      moment_pattern(locale, *zone),
      icu::number::NumberFormatter::withLocale(locale),
      {{{999.95e6, 1e9, unit_pattern(locale, MeasureUnit::getGigabyte(), UNUM_UNIT_WIDTH_SHORT)},
        {999.95e3, 1e6, unit_pattern(locale, MeasureUnit::getMegabyte(), UNUM_UNIT_WIDTH_SHORT)},
        {999.5, 1e3, unit_pattern(locale, MeasureUnit::getKilobyte(), UNUM_UNIT_WIDTH_SHORT)},
        {0, 1, unit_pattern(locale, MeasureUnit::getByte(), UNUM_UNIT_WIDTH_FULL_NAME)}}},
      std::unique_ptr<icu::PluralRules>(icu::PluralRules::forLocale(locale, UPLURAL_TYPE_CARDINAL, status)),
      std::unique_ptr<icu::PluralRules>(icu::PluralRules::forLocale(locale, UPLURAL_TYPE_ORDINAL, status)),
      false,
      std::make_unique<ZoneNames>()});
  if (U_FAILURE(status) || !state->date || !state->time || !state->moment.zone)
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
  const auto when = static_cast<UDate>(at.ms);
  const auto& moment = state_->moment;
  icu::UnicodeString text;
  if (moment.before) append(moment.before->format(when, text), out);
  state_->zone_names->append(at, out, [&](std::string& name) {
    icu::UnicodeString zone;
    append(moment.zone->format(when, zone), name);
  });
  if (moment.after) append(moment.after->format(when, text.remove()), out);
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
