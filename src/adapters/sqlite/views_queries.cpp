#include <algorithm>
#include <string>

#include "adapters/sqlite/views.hpp"

namespace tianqu::sqlite {

namespace {

Status check_limit(int limit) {
    if (limit >= 1 && limit <= ports::max_page_rows) return {};
    return fail(Error{ErrorCode::invalid_input,
                      "limit must be from 1 to " + std::to_string(ports::max_page_rows),
                      {{"field", "limit"}, {"value", std::to_string(limit)}}});
}

/// All rows of a bound statement.
template <class MakeRow>
auto collect(Statement& statement, MakeRow make_row) -> Result<std::vector<decltype(make_row(statement))>> {
    std::vector<decltype(make_row(statement))> rows;
    for (;;) {
        const auto row = statement.step();
        if (!row) return fail(row.error());
        if (!*row) return rows;
        rows.push_back(make_row(statement));
    }
}

/// Cuts the one row too many that was asked for, to know whether there is a next page.
template <class Row, class KeyOf>
Result<ports::Page<Row>> page_of(Result<std::vector<Row>> rows, int limit, KeyOf key_of) {
    if (!rows) return fail(rows.error());
    ports::Page<Row> page{.rows = std::move(*rows), .next = std::nullopt};
    if (page.rows.size() > static_cast<std::size_t>(limit)) {
        page.rows.resize(static_cast<std::size_t>(limit));
        page.next = key_of(page.rows.back());
    }
    return page;
}

/// "%text%" with the pattern's own signs escaped.
std::string like_pattern(std::string_view text) {
    std::string pattern = "%";
    for (const char letter : text) {
        if (letter == '%' || letter == '_' || letter == '\\') pattern += '\\';
        pattern += letter;
    }
    return pattern + "%";
}

std::string session_query(const ports::SessionFilter& filter) {
    std::string sql;
    if (filter.node) {
        sql =
            "WITH RECURSIVE below(node) AS (SELECT ?2 UNION SELECT node.node FROM node JOIN below ON "
            "node.parent=below.node) ";
    }
    sql += std::string(session_columns()) + "WHERE 1";
    if (filter.charger) sql += " AND charger=?1";
    if (filter.node) sql += " AND station IN below";
    if (filter.active) sql += *filter.active ? " AND ended IS NULL" : " AND ended IS NOT NULL";
    if (filter.started_from) sql += " AND started>=?3";
    if (filter.started_until) sql += " AND started<?4";
    if (!filter.text.empty()) {
        sql +=
            " AND (charger LIKE ?5 ESCAPE '\\' OR token LIKE ?5 ESCAPE '\\' OR CAST(id AS TEXT) LIKE ?5 ESCAPE '\\')";
    }
    if (filter.after) sql += " AND id<?6";
    return sql + " ORDER BY id DESC LIMIT ?7";
}

constexpr std::string_view unlimited_after = "ifnull(?1, 9223372036854775807)";

std::string page_query(std::string_view columns, std::string_view condition = "") {
    return "SELECT " + std::string(columns) + " WHERE sequence<" + std::string(unlimited_after) +
           std::string(condition) + " ORDER BY sequence DESC LIMIT ?2";
}

Result<std::vector<ports::QuarterEnergy>> collect_energy(Statement& statement) {
    return collect(statement, [](const Statement& row) {
        return ports::QuarterEnergy{.start = row.time(0), .energy = WattHours(row.integer(1))};
    });
}

}  // namespace

Result<ports::Page<ports::SessionView>> SqliteViews::sessions(const ports::SessionFilter& filter) const {
    using Rows = Result<std::vector<ports::SessionView>>;
    if (auto allowed = check_limit(filter.limit); !allowed) return fail(allowed.error());
    const auto pattern = like_pattern(filter.text);
    auto rows = readers_.with([&](Database& database) -> Rows {
        auto statement = database.prepare(session_query(filter));
        if (!statement) return fail(statement.error());
        if (filter.charger) statement->bind(1, filter.charger->value);
        if (filter.node) statement->bind(2, filter.node->value);
        if (filter.started_from) statement->bind(3, *filter.started_from);
        if (filter.started_until) statement->bind(4, *filter.started_until);
        if (!filter.text.empty()) statement->bind(5, pattern);
        if (filter.after) statement->bind(6, *filter.after);
        return collect(statement->bind(7, std::int64_t{filter.limit} + 1), session_of);
    });
    return page_of(std::move(rows), filter.limit, [](const ports::SessionView& session) { return session.id.value; });
}

Result<ports::SessionView> SqliteViews::session(SessionId id) const {
    auto found = readers_.with([&](Database& database) { return read_session(database, id); });
    if (!found) return fail(found.error());
    if (*found) return std::move(**found);
    const auto number = std::to_string(id.value);
    return fail(Error{ErrorCode::not_found, "there is no session " + number, {{"session", number}}});
}

Result<std::vector<ports::SampleView>> SqliteViews::samples(SessionId id) const {
    return readers_.with([&](Database& database) -> Result<std::vector<ports::SampleView>> {
        auto statement =
            database.prepare("SELECT at, register_wh, power_w FROM meter_sample WHERE session=? ORDER BY at");
        if (!statement) return fail(statement.error());
        return collect(statement->bind(1, id.value), [](const Statement& row) {
            ports::SampleView sample{.at = row.time(0)};
            if (const auto reading = row.optional_integer(1)) sample.energy_register = WattHours(*reading);
            if (const auto power = row.optional_integer(2)) sample.power = Watts(*power);
            return sample;
        });
    });
}

Result<std::vector<ports::QuarterEnergy>> SqliteViews::session_energy(SessionId id) const {
    return readers_.with([&](Database& database) -> Result<std::vector<ports::QuarterEnergy>> {
        auto statement = database.prepare("SELECT start, energy_wh FROM session_energy WHERE session=? ORDER BY start");
        if (!statement) return fail(statement.error());
        return collect_energy(statement->bind(1, id.value));
    });
}

Result<std::vector<ports::QuarterEnergy>> SqliteViews::node_energy(const NodeId& node, TimePoint from,
                                                                   TimePoint until) const {
    return readers_.with([&](Database& database) -> Result<std::vector<ports::QuarterEnergy>> {
        auto statement = database.prepare(
            "SELECT start, energy_wh FROM node_energy WHERE node=? AND start>=? AND start<? ORDER BY start");
        if (!statement) return fail(statement.error());
        return collect_energy(statement->bind(1, node.value).bind(2, from).bind(3, until));
    });
}

Result<std::vector<ports::TelemetryView>> SqliteViews::telemetry(const NodeId& node, TimePoint from,
                                                                 TimePoint until) const {
    return readers_.with([&](Database& database) -> Result<std::vector<ports::TelemetryView>> {
        auto statement =
            database.prepare("SELECT at, power_w FROM node_telemetry WHERE node=? AND at>=? AND at<? ORDER BY at");
        if (!statement) return fail(statement.error());
        return collect(statement->bind(1, node.value).bind(2, from).bind(3, until), [](const Statement& row) {
            return ports::TelemetryView{.at = row.time(0), .power = Watts(row.integer(1))};
        });
    });
}

Result<ports::Page<ports::AuditView>> SqliteViews::audit(const ports::PageFilter& filter) const {
    if (auto allowed = check_limit(filter.limit); !allowed) return fail(allowed.error());
    auto rows = readers_.with([&](Database& database) -> Result<std::vector<ports::AuditView>> {
        auto statement = database.prepare(page_query("sequence, at, principal, reason, type, payload FROM audit"));
        if (!statement) return fail(statement.error());
        return collect(statement->bind(1, filter.after).bind(2, std::int64_t{filter.limit} + 1),
                       [](const Statement& row) {
                           return ports::AuditView{.sequence = row.integer(0),
                                                   .at = row.time(1),
                                                   .principal = PrincipalId(row.bytes(2)),
                                                   .reason = row.text(3),
                                                   .type = static_cast<std::int32_t>(row.integer(4)),
                                                   .payload = row.text(5)};
                       });
    });
    return page_of(std::move(rows), filter.limit, [](const ports::AuditView& entry) { return entry.sequence; });
}

Result<ports::Page<ports::AlarmView>> SqliteViews::alarms(const ports::PageFilter& filter) const {
    if (auto allowed = check_limit(filter.limit); !allowed) return fail(allowed.error());
    auto rows = readers_.with([&](Database& database) -> Result<std::vector<ports::AlarmView>> {
        auto statement = database.prepare(
            page_query("sequence, alarm, kind, node, charger, text_zh, text_en, raised, cleared FROM alarm"));
        if (!statement) return fail(statement.error());
        return collect(statement->bind(1, filter.after).bind(2, std::int64_t{filter.limit} + 1),
                       [](const Statement& row) {
                           return ports::AlarmView{.sequence = row.integer(0),
                                                   .alarm = AlarmId(row.bytes(1)),
                                                   .kind = row.text(2),
                                                   .node = NodeId(row.bytes(3)),
                                                   .charger = ChargerId(row.bytes(4)),
                                                   .text_zh = row.text(5),
                                                   .text_en = row.text(6),
                                                   .raised = row.time(7),
                                                   .cleared = row.optional_time(8)};
                       });
    });
    return page_of(std::move(rows), filter.limit, [](const ports::AlarmView& alarm) { return alarm.sequence; });
}

Result<ports::Page<ports::FlaggedView>> SqliteViews::flagged(const std::optional<ChargerId>& charger,
                                                             const ports::PageFilter& filter) const {
    if (auto allowed = check_limit(filter.limit); !allowed) return fail(allowed.error());
    auto rows = readers_.with([&](Database& database) -> Result<std::vector<ports::FlaggedView>> {
        auto statement = database.prepare(
            page_query("sequence, at, charger, action, flags, raw FROM flagged", charger ? " AND charger=?3" : ""));
        if (!statement) return fail(statement.error());
        statement->bind(1, filter.after).bind(2, std::int64_t{filter.limit} + 1);
        if (charger) statement->bind(3, charger->value);
        return collect(*statement, [](const Statement& row) {
            return ports::FlaggedView{.sequence = row.integer(0),
                                      .at = row.time(1),
                                      .charger = ChargerId(row.bytes(2)),
                                      .action = row.text(3),
                                      .flags = split_flags(row.bytes(4)),
                                      .raw = row.text(5)};
        });
    });
    return page_of(std::move(rows), filter.limit, [](const ports::FlaggedView& message) { return message.sequence; });
}

}  // namespace tianqu::sqlite
