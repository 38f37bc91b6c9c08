#include "replay/sessions_csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/csv.hpp"

namespace tianqu::replay {

namespace {

enum Column : std::size_t { session, station, arrival, departure, estimated_departure, requested, max_power };
constexpr std::array<std::string_view, 7> column_names = {
    "session_id", "station_id", "arrival_5min", "departure_5min", "est_departure_5min", "requested_kwh", "max_kw"};
constexpr std::int64_t most_watts = 10'000'000;
constexpr std::int64_t most_watt_hours = 100'000'000;

std::optional<int> whole_number(const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Kilo-units as recorded, with any number of decimals, rounded to whole units: measurements carry rounding noise.
std::optional<std::int64_t> recorded_thousandths(std::string_view text) {
    constexpr int kept_decimals = 9;
    constexpr std::int64_t finer = 1'000'000;
    constexpr std::size_t longest = 40;
    if (text.size() > longest) return std::nullopt;
    const auto point = text.find('.');
    if (point != std::string_view::npos && text.size() - point - 1 > kept_decimals) {
        const auto rest = text.substr(point + 1 + kept_decimals);
        if (rest.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
        text = text.substr(0, point + 1 + kept_decimals);
    }
    const auto value = parse_decimal(text, kept_decimals);
    if (!value) return std::nullopt;
    return multiply_divide(*value, 1, finer);
}

class RowReader {
public:
    RowReader(const CsvTable& table, const std::array<std::size_t, 7>& columns) : table_(table), columns_(columns) {}

    Result<RecordedSession> read(const CsvTable::Row& row) const {
        RecordedSession result;
        result.session = cell(row, session);
        result.station = cell(row, station);
        if (result.session.empty()) return fail(bad(row, session, "a name"));
        if (result.station.empty()) return fail(bad(row, station, "a name"));
        const auto first = period(row, arrival, 0);
        if (!first) return fail(bad(row, arrival, fmt::format("a whole number from 0 to {}", max_period)));
        const auto text = fmt::format("a whole number above the arrival ({}), at most {}", *first, max_period);
        const auto last = period(row, departure, *first + 1);
        if (!last) return fail(bad(row, departure, text));
        const auto estimated = period(row, estimated_departure, *first + 1);
        if (!estimated) return fail(bad(row, estimated_departure, text));
        result.arrival = *first;
        result.departure = *last;
        result.estimated_departure = *estimated;
        const auto energy = recorded_thousandths(cell(row, requested));
        if (!energy || *energy < 0 || *energy > most_watt_hours) {
            return fail(bad(row, requested, "a decimal number of kWh from 0 to 100000"));
        }
        const auto power = recorded_thousandths(cell(row, max_power));
        if (!power || *power <= 0 || *power > most_watts) {
            return fail(bad(row, max_power, "a decimal number of kW above 0, at most 10000"));
        }
        result.requested = WattHours{*energy};
        result.max_power = Watts{*power};
        return result;
    }

    Error bad(const CsvTable::Row& row, Column column, std::string_view expected) const {
        return table_.cell_error(row, columns_[column], expected);
    }

private:
    const std::string& cell(const CsvTable::Row& row, Column column) const { return row.cells[columns_[column]]; }

    std::optional<int> period(const CsvTable::Row& row, Column column, int least) const {
        const auto value = whole_number(cell(row, column));
        return value && *value >= least && *value <= max_period ? value : std::nullopt;
    }

    const CsvTable& table_;
    const std::array<std::size_t, 7>& columns_;
};

}  // namespace

Result<std::vector<RecordedSession>> read_sessions_csv(const std::string& file, std::string_view text) {
    const auto table = CsvTable::parse(file, text);
    if (!table) return fail(table.error());
    std::array<std::size_t, 7> columns{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto column = table->column(column_names[i]);
        if (!column) return fail(column.error());
        columns[i] = *column;
    }
    if (table->rows().size() > max_sessions) {
        return fail(ErrorCode::too_large,
                    fmt::format("{}: {} sessions, at most {} are read", file, table->rows().size(), max_sessions));
    }
    const RowReader reader(*table, columns);
    std::vector<RecordedSession> sessions;
    std::unordered_set<std::string> names;
    for (const auto& row : table->rows()) {
        auto read = reader.read(row);
        if (!read) return fail(read.error());
        if (!names.insert(read->session).second)
            return fail(reader.bad(row, Column::session, "a name that no earlier row has"));
        sessions.push_back(std::move(*read));
    }
    std::vector<std::pair<int, std::size_t>> order;
    order.reserve(sessions.size());
    for (std::size_t i = 0; i < sessions.size(); ++i) order.emplace_back(sessions[i].arrival, i);
    std::sort(order.begin(), order.end());
    std::vector<RecordedSession> sorted;
    sorted.reserve(sessions.size());
    for (const auto& [arrived, index] : order) sorted.push_back(std::move(sessions[index]));
    return sorted;
}

}  // namespace tianqu::replay
