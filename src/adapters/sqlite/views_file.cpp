#include "adapters/sqlite/views_file.hpp"

#include <algorithm>
#include <system_error>

namespace tianqu::sqlite {

namespace {

constexpr FileFormat views_format{.application_id = 0x5451'5631,  // "TQV1"
                                  .version = 1,
                                  .kind = "views file",
                                  .schema = R"sql(
CREATE TABLE session(
    id INTEGER PRIMARY KEY,
    charger TEXT NOT NULL,
    connector INTEGER NOT NULL,
    station TEXT NOT NULL,
    token TEXT NOT NULL,
    verdict TEXT NOT NULL,
    claimed_start INTEGER,
    received_start INTEGER NOT NULL,
    started INTEGER NOT NULL,
    meter_start_wh INTEGER NOT NULL,
    claimed_end INTEGER,
    received_end INTEGER,
    ended INTEGER,
    meter_stop_wh INTEGER,
    end_reason TEXT NOT NULL,
    energy_wh INTEGER NOT NULL,
    last_register_wh INTEGER NOT NULL,
    last_metered INTEGER NOT NULL,
    departure INTEGER,
    target_wh INTEGER,
    charge_now INTEGER NOT NULL,
    target_by_default INTEGER NOT NULL,
    shortfall_wh INTEGER NOT NULL,
    flags TEXT NOT NULL
);
CREATE INDEX session_by_charger ON session(charger, id);
CREATE INDEX session_by_station ON session(station, id);
CREATE INDEX session_by_start ON session(started);
CREATE INDEX session_running ON session(id) WHERE ended IS NULL;
CREATE TABLE meter_sample(
    session INTEGER NOT NULL, at INTEGER NOT NULL, register_wh INTEGER, power_w INTEGER, PRIMARY KEY(session, at)
) WITHOUT ROWID;
CREATE TABLE session_energy(
    session INTEGER NOT NULL, start INTEGER NOT NULL, energy_wh INTEGER NOT NULL, PRIMARY KEY(session, start)
) WITHOUT ROWID;
CREATE TABLE node_energy(
    node TEXT NOT NULL, start INTEGER NOT NULL, energy_wh INTEGER NOT NULL, PRIMARY KEY(node, start)
) WITHOUT ROWID;
CREATE TABLE node_telemetry(
    node TEXT NOT NULL, at INTEGER NOT NULL, power_w INTEGER NOT NULL, PRIMARY KEY(node, at)
) WITHOUT ROWID;
CREATE TABLE audit(
    sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, principal TEXT NOT NULL, reason TEXT NOT NULL, type INTEGER NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE alarm(
    sequence INTEGER PRIMARY KEY, alarm TEXT NOT NULL, kind TEXT NOT NULL, node TEXT NOT NULL, charger TEXT NOT NULL,
    text_zh TEXT NOT NULL, text_en TEXT NOT NULL, raised INTEGER NOT NULL, cleared INTEGER
);
CREATE INDEX alarm_standing ON alarm(alarm) WHERE cleared IS NULL;
CREATE TABLE flagged(
    sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, charger TEXT NOT NULL, action TEXT NOT NULL, flags TEXT NOT NULL,
    raw TEXT NOT NULL
);
CREATE INDEX flagged_by_charger ON flagged(charger, sequence);
CREATE TABLE node(node TEXT PRIMARY KEY, parent TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX node_by_parent ON node(parent);
CREATE TABLE site(charger TEXT PRIMARY KEY, station TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE progress(one INTEGER PRIMARY KEY CHECK(one = 1), applied_sequence INTEGER NOT NULL);
INSERT INTO progress VALUES(1, 0)
)sql"};

constexpr std::string_view columns_of_session =
    "SELECT id, charger, connector, station, token, verdict, claimed_start, received_start, started, meter_start_wh, "
    "claimed_end, received_end, ended, meter_stop_wh, end_reason, energy_wh, last_register_wh, last_metered, "
    "departure, "
    "target_wh, charge_now, target_by_default, shortfall_wh, flags FROM session ";

std::optional<WattHours> optional_energy(const Statement& row, int column) {
    const auto count = row.optional_integer(column);
    return count ? std::optional(WattHours{*count}) : std::nullopt;
}

}  // namespace

Result<Database> open_views_database(const std::filesystem::path& path, bool durable) {
    auto database = Database::open({.path = path});
    if (!database) return database;
    // What a power cut takes from the views comes again from the journal, so no commit waits for the disk (NORMAL).
    const auto set = database->execute(durable ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
                                               : "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF");
    if (!set) return fail(set.error());
    if (auto known = prepare_format(*database, views_format, path); !known) return fail(known.error());
    return database;
}

Result<std::int64_t> read_applied_sequence(Database& database) {
    return database.query_integer("SELECT applied_sequence FROM progress");
}

Result<ViewTopology> read_topology(Database& database) {
    ViewTopology topology;
    auto nodes = database.prepare("SELECT node, parent FROM node");
    if (!nodes) return fail(nodes.error());
    for (;;) {
        const auto row = nodes->step();
        if (!row) return fail(row.error());
        if (!*row) break;
        topology.parents.emplace(NodeId(nodes->bytes(0)), NodeId(nodes->bytes(1)));
    }
    auto sites = database.prepare("SELECT charger, station FROM site");
    if (!sites) return fail(sites.error());
    for (;;) {
        const auto row = sites->step();
        if (!row) return fail(row.error());
        if (!*row) return topology;
        topology.stations.emplace(ChargerId(sites->bytes(0)), NodeId(sites->bytes(1)));
    }
}

Result<std::optional<ports::SessionView>> read_session(Database& database, SessionId id) {
    auto row = database.prepare(std::string(columns_of_session) + "WHERE id=?");
    if (!row) return fail(row.error());
    const auto found = row->bind(1, id.value).step();
    if (!found) return fail(found.error());
    if (!*found) return std::nullopt;
    return session_of(*row);
}

std::string_view session_columns() { return columns_of_session; }

ports::SessionView session_of(const Statement& row) {
    ports::SessionView session;
    session.id = SessionId(row.integer(0));
    session.charger = ChargerId(row.bytes(1));
    session.connector = ConnectorNumber(row.integer(2));
    session.station = NodeId(row.bytes(3));
    session.token = TokenId(row.bytes(4));
    session.verdict = row.text(5);
    session.claimed_start = row.optional_time(6);
    session.received_start = row.time(7);
    session.started = row.time(8);
    session.meter_start = WattHours(row.integer(9));
    session.claimed_end = row.optional_time(10);
    session.received_end = row.optional_time(11);
    session.ended = row.optional_time(12);
    session.meter_stop = optional_energy(row, 13);
    session.end_reason = row.text(14);
    session.energy = WattHours(row.integer(15));
    session.last_register = WattHours(row.integer(16));
    session.last_metered = row.time(17);
    session.departure = row.optional_time(18);
    session.target = optional_energy(row, 19);
    session.charge_now = row.integer(20) != 0;
    session.target_by_default = row.integer(21) != 0;
    session.shortfall = WattHours(row.integer(22));
    session.flags = split_flags(row.bytes(23));
    return session;
}

std::string join_flags(const std::vector<std::string>& flags) {
    std::string text;
    for (const auto& flag : flags) {
        if (!text.empty()) text += '\n';
        const auto start = text.size();
        text += flag;
        std::replace(text.begin() + static_cast<std::ptrdiff_t>(start), text.end(), '\n', ' ');
    }
    return text;
}

std::vector<std::string> split_flags(std::string_view text) {
    std::vector<std::string> flags;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        flags.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return flags;
}

void remove_database_files(const std::filesystem::path& path) {
    std::error_code ignored;
    for (const auto* suffix : {"", "-wal", "-shm", "-journal"})
        std::filesystem::remove(path.string() + suffix, ignored);
}

}  // namespace tianqu::sqlite
