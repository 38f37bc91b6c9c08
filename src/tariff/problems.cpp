#include <algorithm>
#include <bitset>

#include "tariff/tariff.hpp"

namespace tianqu::tariff {

namespace {

constexpr int minutes_per_day = 1440;
constexpr std::size_t max_calendars = 1'000;
constexpr std::size_t max_windows = 10'000;
/// 100 yuan/kWh: anything dearer is a mistake of unit.
constexpr std::int64_t max_price = 10'000'000;

std::string clock_text(int minute) {
    const auto two_digits = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return two_digits(minute / 60) + ":" + two_digits(minute % 60);
}

bool price_is_sane(PricePerKwh price) { return price.count >= -max_price && price.count <= max_price; }

class Checker {
public:
    explicit Checker(const TariffData& data) : data_(data) {}

    std::vector<TariffProblem> run() {
        if (data_.id.empty() || data_.id.size() > 64) report("", "id", data_.id, "an id of 1 to 64 characters");
        if (data_.calendars.empty()) report("calendars", "valid_from", "", "at least one calendar");
        if (data_.calendars.size() > max_calendars || data_.base_prices.size() > max_calendars) {
            report("calendars", "valid_from", std::to_string(data_.calendars.size()),
                   "at most " + std::to_string(max_calendars) + " calendars and base prices");
            return std::move(problems_);
        }
        for (at_ = 0; at_ < data_.calendars.size(); ++at_) check_calendar(data_.calendars[at_]);
        at_ = 0;
        check_base_prices();
        check_validities(data_.calendars, "calendars");
        check_validities(data_.base_prices, "base_prices");
        return std::move(problems_);
    }

private:
    void report(std::string place, std::string field, std::string value, std::string expected, std::size_t window = 0) {
        problems_.push_back({std::move(place), std::move(field), std::move(value), std::move(expected), at_, window});
    }

    void check_calendar(const Calendar& calendar) {
        const auto place = "calendars[" + std::to_string(at_) + "]";
        if (calendar.windows.size() > max_windows) {
            report(place, "windows", std::to_string(calendar.windows.size()), "at most " + std::to_string(max_windows));
            return;
        }
        bool windows_usable = true;
        for (std::size_t window = 0; window < calendar.windows.size(); ++window) {
            windows_usable &= check_window(calendar.windows[window], place, window);
        }
        if (windows_usable) check_coverage(calendar, place);
    }

    bool check_window(const Window& window, const std::string& calendar_place, std::size_t position) {
        const auto before = problems_.size();
        const auto place = calendar_place + ".windows[" + std::to_string(position) + "]";
        if (window.months.empty()) report(place, "months", "", "months from 1 to 12", position);
        for (std::size_t at = 0; at < window.months.size(); ++at) {
            const auto month = window.months[at];
            if (month < 1 || month > 12)
                report(place, "months", std::to_string(month), "months from 1 to 12", position);
            if (std::find(window.months.begin(), window.months.begin() + static_cast<std::ptrdiff_t>(at), month) !=
                window.months.begin() + static_cast<std::ptrdiff_t>(at)) {
                report(place, "months", std::to_string(month), "each month once", position);
                break;
            }
        }
        if (window.start_minute < 0 || window.start_minute >= minutes_per_day) {
            report(place, "start", std::to_string(window.start_minute), "a minute from 0 to 1439", position);
        }
        if (window.end_minute <= window.start_minute || window.end_minute > minutes_per_day) {
            report(place, "end", std::to_string(window.end_minute),
                   "a minute after the start and at most 1440 (two windows over midnight)", position);
        }
        if (window.band > Band::deep_valley) report(place, "band", "(unknown)", "S, P, F, V or D", position);
        if (window.price ? !price_is_sane(*window.price)
                         : window.multiplier.count < 0 || window.multiplier.count > 20'000) {
            report(place, window.price ? "price" : "multiplier",
                   window.price ? format_yuan_per_kwh(*window.price) : format_decimal(window.multiplier.count, 3),
                   window.price ? "a price from -100 to 100 yuan/kWh" : "a multiplier from 0 to 20", position);
        }
        return problems_.size() == before;
    }

    void check_coverage(const Calendar& calendar, const std::string& place) {
        for (int month = 1; month <= 12; ++month) {
            std::bitset<minutes_per_day> covered;
            for (std::size_t position = 0; position < calendar.windows.size(); ++position) {
                const auto& window = calendar.windows[position];
                if (std::ranges::find(window.months, month) == window.months.end()) continue;
                for (int minute = window.start_minute; minute < window.end_minute; ++minute) {
                    if (!covered.test(static_cast<std::size_t>(minute))) {
                        covered.set(static_cast<std::size_t>(minute));
                        continue;
                    }
                    report(place + ".windows[" + std::to_string(position) + "]", "start",
                           clock_text(window.start_minute),
                           "no overlap in month " + std::to_string(month) + ", where " + clock_text(minute) +
                               " has a band already",
                           position);
                    break;
                }
            }
            if (covered.all()) continue;
            std::size_t gap = 0;
            while (covered.test(gap)) ++gap;
            report(place, "months", std::to_string(month),
                   "a band at every minute; " + clock_text(static_cast<int>(gap)) + " has none");
        }
    }

    void check_base_prices() {
        for (std::size_t at = 0; at < data_.base_prices.size(); ++at) {
            const auto& base = data_.base_prices[at];
            const auto place = "base_prices[" + std::to_string(at) + "]";
            if (!price_is_sane(base.floating)) {
                report(place, "floating", format_yuan_per_kwh(base.floating), "a price from -100 to 100 yuan/kWh");
            }
            if (!price_is_sane(base.fixed)) {
                report(place, "fixed", format_yuan_per_kwh(base.fixed), "a price from -100 to 100 yuan/kWh");
            }
        }
    }

    template <class Dated>
    void check_validities(const std::vector<Dated>& entries, const std::string& list) {
        for (std::size_t at = 0; at < entries.size(); ++at) {
            const auto& entry = entries[at];
            const auto place = list + "[" + std::to_string(at) + "]";
            at_ = at;
            if (!is_date(entry.valid_from)) report(place, "valid_from", format_date(entry.valid_from), "a date");
            if (entry.standing > Standing::carried_forward) report(place, "standing", "(unknown)", "a standing");
            if (entry.valid_until && (!is_date(*entry.valid_until) || *entry.valid_until <= entry.valid_from)) {
                report(place, "valid_until", format_date(*entry.valid_until),
                       "a date after valid_from (exclusive), or none");
            }
            for (std::size_t other = 0; other < at; ++other) {
                const auto& earlier = entries[other];
                const bool apart = (entry.valid_until && *entry.valid_until <= earlier.valid_from) ||
                                   (earlier.valid_until && *earlier.valid_until <= entry.valid_from);
                if (apart) continue;
                report(place, "valid_from", format_date(entry.valid_from),
                       "a validity that does not overlap the one from " + format_date(earlier.valid_from));
            }
        }
        at_ = 0;
    }

    const TariffData& data_;
    std::vector<TariffProblem> problems_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<TariffProblem> find_problems(const TariffData& data) { return Checker(data).run(); }

}  // namespace tianqu::tariff
