#include <algorithm>
#include <map>

#include "base/csv_row.hpp"
#include "city/reading.hpp"

namespace tianqu::city {

namespace {

constexpr std::string_view tariffs_file = "tariffs/tariffs.csv";
constexpr std::string_view windows_file = "tariffs/windows.csv";
constexpr std::string_view calendars_file = "tariffs/calendars.csv";
constexpr std::string_view base_prices_file = "tariffs/base_prices.csv";

struct WindowSet {
    std::vector<tariff::Window> windows;
    std::vector<std::size_t> lines;
    bool broken = false;
};

/// A tariff with the lines its parts stand on, so that what is wrong with the whole can be shown in its file.
struct TariffRows {
    tariff::TariffData data;
    std::size_t line = 0;
    std::vector<std::size_t> calendar_lines;
    std::vector<std::string> calendar_windows;
    std::vector<std::size_t> base_lines;
    bool broken = false;
};

/// "07:30" or "24:00" as a minute of the day.
std::optional<int> parse_minute(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hour = parse_decimal(text.substr(0, 2), 0);
    const auto minute = parse_decimal(text.substr(3, 2), 0);
    if (!hour || !minute || *hour < 0 || *minute < 0 || *minute > 59 || *hour * 60 + *minute > 1440)
        return std::nullopt;
    return static_cast<int>(*hour * 60 + *minute);
}

std::optional<std::vector<int>> parse_months(std::string_view text) {
    std::vector<int> months;
    while (true) {
        const auto end = text.find(';');
        const auto month = parse_decimal(text.substr(0, end), 0);
        if (!month || *month < 1 || *month > 12) return std::nullopt;
        months.push_back(static_cast<int>(*month));
        if (end == std::string_view::npos) return months;
        text.remove_prefix(end + 1);
    }
}

class TariffReader {
public:
    explicit TariffReader(Reading& reading) : reading_(reading) {}

    void read() {
        read_names();
        read_windows();
        read_calendars();
        read_base_prices();
        for (auto& rows : tariffs_) finish(rows);
    }

private:
    std::optional<CsvTable> table(std::string_view name, std::initializer_list<std::string_view> columns) {
        const auto* const text = reading_.file(std::string(name));
        if (text == nullptr) return std::nullopt;
        return read_csv(reading_.shown(std::string(name)), *text, columns, reading_.problems);
    }

    TariffRows* find(const std::string& id) {
        const auto found = std::ranges::find_if(tariffs_, [&](const auto& rows) { return rows.data.id == id; });
        return found == tariffs_.end() ? nullptr : &*found;
    }

    void read_names() {
        const auto rows = table(tariffs_file, {"tariff", "name_zh", "name_en"});
        if (!rows) return;
        for (const auto& row : rows->rows()) {
            CsvRowReader cells(*rows, row, reading_.problems);
            TariffRows tariff;
            tariff.data.id = cells.required("tariff");
            if (find(tariff.data.id) != nullptr) cells.refuse("tariff", "an id that no other tariff has");
            tariff.data.name_zh = cells.required("name_zh");
            tariff.data.name_en = cells.required("name_en");
            tariff.line = row.line;
            tariff.broken = cells.broken();
            tariffs_.push_back(std::move(tariff));
        }
        if (tariffs_.empty()) {
            reading_.problems.push_back(input_error(rows->file(), 1, "tariff", "", "at least one tariff"));
        }
    }

    void read_windows() {
        const auto rows =
            table(windows_file, {"windows", "months", "band", "start", "end", "multiplier", "price_yuan_per_kwh"});
        if (!rows) return;
        for (const auto& row : rows->rows()) {
            CsvRowReader cells(*rows, row, reading_.problems);
            auto& set = windows_[cells.required("windows")];
            tariff::Window window;
            window.months = cells.read("months", "months such as 1;2;12", std::vector<int>{}, parse_months);
            window.band = cells.read("band", "S, P, F, V or D", tariff::Band::flat, tariff::parse_band_letter);
            window.start_minute = cells.read("start", "a time such as 07:30", 0, parse_minute);
            window.end_minute = cells.read("end", "a time such as 07:30, at most 24:00", 0, parse_minute);
            read_price(cells, window);
            set.broken |= cells.broken();
            set.windows.push_back(std::move(window));
            set.lines.push_back(row.line);
        }
    }

    static void read_price(CsvRowReader& cells, tariff::Window& window) {
        const bool has_multiplier = !cells.text("multiplier").empty();
        const bool has_price = !cells.text("price_yuan_per_kwh").empty();
        if (has_multiplier == has_price) {
            cells.refuse("multiplier", "either a multiplier or a price_yuan_per_kwh");
        } else if (has_price) {
            window.price = cells.read("price_yuan_per_kwh", "yuan per kWh with at most five decimals", PricePerKwh{},
                                      parse_yuan_per_kwh);
        } else {
            const auto parse = [](const std::string& cell) { return parse_decimal(cell, 3); };
            window.multiplier =
                Permille{cells.read("multiplier", "a number with at most three decimals", std::int64_t{1000}, parse)};
        }
    }

    /// valid_from, valid_until, standing, source: what calendars and base prices have in common.
    template <class Dated>
    static void read_dated(CsvRowReader& cells, Dated& entry) {
        entry.valid_from =
            cells.read("valid_from", "a date such as 2026-01-31", tariff::LocalDate{}, tariff::parse_date);
        if (!cells.text("valid_until").empty()) {
            entry.valid_until = cells.read("valid_until", "a date such as 2026-01-31 (exclusive), or nothing",
                                           tariff::LocalDate{}, tariff::parse_date);
        }
        entry.standing = cells.read("standing", "published, example or carried_forward", tariff::Standing::published,
                                    tariff::parse_standing);
        entry.source = cells.required("source");
    }

    void read_calendars() {
        const auto rows =
            table(calendars_file, {"tariff", "valid_from", "valid_until", "standing", "windows", "source"});
        if (!rows) return;
        for (const auto& row : rows->rows()) {
            CsvRowReader cells(*rows, row, reading_.problems);
            tariff::Calendar calendar;
            read_dated(cells, calendar);
            const auto set = windows_.find(cells.text("windows"));
            if (set == windows_.end()) {
                if (!windows_.empty()) cells.refuse("windows", "the name of a set in windows.csv");
            } else {
                calendar.windows = set->second.windows;
            }
            auto* const tariff = find(cells.text("tariff"));
            if (tariff == nullptr) {
                cells.refuse("tariff", "the id of a tariff in tariffs.csv");
                continue;
            }
            tariff->broken |= cells.broken() || set == windows_.end() || set->second.broken;
            tariff->data.calendars.push_back(std::move(calendar));
            tariff->calendar_lines.push_back(row.line);
            tariff->calendar_windows.push_back(cells.text("windows"));
        }
    }

    void read_base_prices() {
        const auto rows =
            table(base_prices_file, {"tariff", "valid_from", "valid_until", "voltage", "floating_yuan_per_kwh",
                                     "fixed_yuan_per_kwh", "standing", "source"});
        if (!rows) return;
        for (const auto& row : rows->rows()) {
            CsvRowReader cells(*rows, row, reading_.problems);
            tariff::BasePrice base;
            read_dated(cells, base);
            base.voltage = cells.text("voltage");
            constexpr std::string_view expected = "yuan per kWh with at most five decimals";
            base.floating = cells.read("floating_yuan_per_kwh", expected, PricePerKwh{}, parse_yuan_per_kwh);
            base.fixed = cells.read("fixed_yuan_per_kwh", expected, PricePerKwh{}, parse_yuan_per_kwh);
            auto* const tariff = find(cells.text("tariff"));
            if (tariff == nullptr) {
                cells.refuse("tariff", "the id of a tariff in tariffs.csv");
                continue;
            }
            tariff->broken |= cells.broken();
            tariff->data.base_prices.push_back(std::move(base));
            tariff->base_lines.push_back(row.line);
        }
    }

    void finish(TariffRows& rows) {
        if (rows.broken) return;
        if (rows.data.calendars.empty()) {
            add(tariffs_file, rows.line, "tariff", rows.data.id, "a tariff with a calendar in calendars.csv");
            return;
        }
        const auto found = tariff::find_problems(rows.data);
        for (const auto& problem : found) add_problem(rows, problem);
        if (!found.empty()) return;
        check_base_cover(rows);
        if (auto built = tariff::Tariff::build(std::move(rows.data), reading_.city.offset)) {
            reading_.city.tariffs.push_back(std::move(*built));
        }
    }

    void add_problem(const TariffRows& rows, const tariff::TariffProblem& problem) {
        if (problem.place.starts_with("base_prices")) {
            add(base_prices_file, rows.base_lines[problem.calendar], problem.field, problem.value, problem.expected);
        } else if (problem.place.find(".windows[") != std::string::npos) {
            const auto& set = windows_.at(rows.calendar_windows[problem.calendar]);
            add(windows_file, set.lines[problem.window], problem.field, problem.value, problem.expected);
        } else if (problem.field == "months") {
            // A gap belongs to the set of windows, which several calendars may share.
            const auto& set = windows_.at(rows.calendar_windows[problem.calendar]);
            add(windows_file, set.lines.front(), problem.field, problem.value, problem.expected);
        } else if (problem.place.starts_with("calendars[")) {
            add(calendars_file, rows.calendar_lines[problem.calendar], problem.field, problem.value, problem.expected);
        } else {
            add(tariffs_file, rows.line, problem.field == "id" ? "tariff" : problem.field, problem.value,
                problem.expected);
        }
    }

    /// A tariff whose bands are multipliers is worth nothing on a day without a base price.
    void check_base_cover(const TariffRows& rows) {
        const auto& data = rows.data;
        for (std::size_t at = 0; at < data.calendars.size(); ++at) {
            const auto& calendar = data.calendars[at];
            if (std::ranges::all_of(calendar.windows, [](const auto& window) { return window.price.has_value(); }))
                continue;
            const bool any = std::ranges::any_of(data.base_prices, [&](const auto& base) {
                return (!calendar.valid_until || base.valid_from < *calendar.valid_until) &&
                       (!base.valid_until || calendar.valid_from < *base.valid_until);
            });
            if (any || calendar.standing != tariff::Standing::carried_forward) continue;
            add(calendars_file, rows.calendar_lines[at], "valid_from", tariff::format_date(calendar.valid_from),
                "a base price in base_prices.csv within the validity of a calendar carried forward");
        }
    }

    void add(std::string_view file, std::size_t line, std::string_view field, std::string_view value,
             std::string_view expected) {
        auto error = input_error(reading_.shown(std::string(file)), line, field, value, expected);
        // Calendars that share a set of windows would name its problems again.
        const auto same = [&](const Error& earlier) { return earlier.text == error.text; };
        if (std::ranges::none_of(reading_.problems, same)) reading_.problems.push_back(std::move(error));
    }

    Reading& reading_;
    std::vector<TariffRows> tariffs_;
    std::map<std::string, WindowSet> windows_;
};

}  // namespace

void read_tariffs(Reading& reading) { TariffReader(reading).read(); }

}  // namespace tianqu::city
