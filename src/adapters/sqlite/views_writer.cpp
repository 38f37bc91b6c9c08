#include <array>

#include "adapters/sqlite/views_file.hpp"

namespace tianqu::sqlite {

namespace {

constexpr std::string_view insert_session =
    "INSERT INTO session(id, charger, connector, station, token, verdict, claimed_start, received_start, started, "
    "meter_start_wh, claimed_end, received_end, ended, meter_stop_wh, end_reason, energy_wh, last_register_wh, "
    "last_metered, "
    "departure, target_wh, charge_now, target_by_default, shortfall_wh, flags) "
    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(id) DO UPDATE SET claimed_end=excluded.claimed_end, received_end=excluded.received_end, "
    "ended=excluded.ended, meter_stop_wh=excluded.meter_stop_wh, end_reason=excluded.end_reason, "
    "energy_wh=excluded.energy_wh, last_register_wh=excluded.last_register_wh, last_metered=excluded.last_metered, "
    "departure=excluded.departure, target_wh=excluded.target_wh, charge_now=excluded.charge_now, "
    "target_by_default=excluded.target_by_default, shortfall_wh=excluded.shortfall_wh, flags=excluded.flags";

std::optional<std::int64_t> count_of(const auto& quantity) {
    return quantity ? std::optional(quantity->count) : std::nullopt;
}

}  // namespace

Result<ViewsWriter> ViewsWriter::prepare(Database& database) {
    ViewsWriter writer;
    const std::array<std::pair<Statement*, std::string_view>, 14> statements{{
        {&writer.session_, insert_session},
        // Two messages may carry a reading of the same instant: each adds what the other lacks.
        {&writer.sample_,
         "INSERT INTO meter_sample VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
         "register_wh=coalesce(excluded.register_wh, register_wh), power_w=coalesce(excluded.power_w, power_w)"},
        {&writer.session_energy_,
         "INSERT INTO session_energy VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET energy_wh=energy_wh+excluded.energy_wh"},
        {&writer.node_energy_,
         "INSERT INTO node_energy VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET energy_wh=energy_wh+excluded.energy_wh"},
        {&writer.telemetry_,
         "INSERT INTO node_telemetry VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET power_w=excluded.power_w"},
        {&writer.audit_, "INSERT INTO audit VALUES(?, ?, ?, ?, ?, ?)"},
        {&writer.alarm_raised_, "INSERT INTO alarm VALUES(?, ?, ?, ?, ?, ?, ?, ?, NULL)"},
        {&writer.alarm_cleared_, "UPDATE alarm SET cleared=? WHERE alarm=? AND cleared IS NULL"},
        {&writer.flagged_, "INSERT INTO flagged VALUES(?, ?, ?, ?, ?, ?)"},
        {&writer.node_set_, "INSERT INTO node VALUES(?, ?) ON CONFLICT DO UPDATE SET parent=excluded.parent"},
        {&writer.node_removed_, "DELETE FROM node WHERE node=?"},
        {&writer.site_set_, "INSERT INTO site VALUES(?, ?) ON CONFLICT DO UPDATE SET station=excluded.station"},
        {&writer.site_removed_, "DELETE FROM site WHERE charger=?"},
        {&writer.applied_, "UPDATE progress SET applied_sequence=?"},
    }};
    for (const auto& [statement, sql] : statements) {
        auto prepared = database.prepare(sql);
        if (!prepared) return fail(prepared.error());
        *statement = std::move(*prepared);
    }
    return writer;
}

Status ViewsWriter::write(Database& database, const ViewChanges& changes) {
    if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return begun;
    auto written = write_all(database, changes);
    if (written) written = database.execute("COMMIT");
    if (!written) static_cast<void>(database.execute("ROLLBACK"));
    return written;
}

Status ViewsWriter::write_all(Database& database, const ViewChanges& changes) {
    for (const auto& [id, session] : changes.sessions) {
        if (auto written = write_session(session); !written) return written;
    }
    if (auto written = write_energy(changes); !written) return written;
    if (auto written = write_readings(changes); !written) return written;
    for (const auto& change : changes.alarms) {
        if (auto written = write_alarm(change); !written) return written;
    }
    if (auto written = write_notes(changes); !written) return written;
    if (auto written = write_topology(database, changes); !written) return written;
    return applied_.bind(1, changes.last_sequence).run();
}

Status ViewsWriter::write_session(const ports::SessionView& session) {
    const auto flags = join_flags(session.flags);
    session_.bind(1, session.id.value).bind(2, session.charger.value).bind(3, session.connector.value);
    session_.bind(4, session.station.value).bind(5, session.token.value).bind(6, session.verdict);
    session_.bind(7, session.claimed_start).bind(8, session.received_start).bind(9, session.started);
    session_.bind(10, session.meter_start.count).bind(11, session.claimed_end).bind(12, session.received_end);
    session_.bind(13, session.ended).bind(14, count_of(session.meter_stop)).bind(15, session.end_reason);
    session_.bind(16, session.energy.count).bind(17, session.last_register.count).bind(18, session.last_metered);
    session_.bind(19, session.departure).bind(20, count_of(session.target));
    session_.bind(21, std::int64_t{session.charge_now}).bind(22, std::int64_t{session.target_by_default});
    return session_.bind(23, session.shortfall.count).bind(24, flags).run();
}

Status ViewsWriter::write_energy(const ViewChanges& changes) {
    for (const auto& [key, energy] : changes.session_energy) {
        session_energy_.bind(1, key.first.value).bind(2, key.second).bind(3, energy.count);
        if (auto written = session_energy_.run(); !written) return written;
    }
    for (const auto& [key, energy] : changes.node_energy) {
        node_energy_.bind(1, key.first.value).bind(2, key.second).bind(3, energy.count);
        if (auto written = node_energy_.run(); !written) return written;
    }
    return {};
}

Status ViewsWriter::write_readings(const ViewChanges& changes) {
    for (const auto& [session, sample] : changes.samples) {
        sample_.bind(1, session.value).bind(2, sample.at);
        sample_.bind(3, count_of(sample.energy_register)).bind(4, count_of(sample.power));
        if (auto written = sample_.run(); !written) return written;
    }
    for (const auto& [node, reading] : changes.telemetry) {
        telemetry_.bind(1, node.value).bind(2, reading.at).bind(3, reading.power.count);
        if (auto written = telemetry_.run(); !written) return written;
    }
    return {};
}

Status ViewsWriter::write_alarm(const ViewChanges::AlarmChange& change) {
    const auto& alarm = change.alarm;
    if (!change.raised) return alarm_cleared_.bind(1, alarm.cleared).bind(2, alarm.alarm.value).run();
    alarm_raised_.bind(1, alarm.sequence).bind(2, alarm.alarm.value).bind(3, alarm.kind).bind(4, alarm.node.value);
    alarm_raised_.bind(5, alarm.charger.value).bind(6, alarm.text_zh).bind(7, alarm.text_en).bind(8, alarm.raised);
    return alarm_raised_.run();
}

Status ViewsWriter::write_notes(const ViewChanges& changes) {
    for (const auto& entry : changes.audit) {
        audit_.bind(1, entry.sequence).bind(2, entry.at).bind(3, entry.principal.value).bind(4, entry.reason);
        audit_.bind(5, std::int64_t{entry.type}).bind_blob(6, entry.payload);
        if (auto written = audit_.run(); !written) return written;
    }
    for (const auto& message : changes.flagged) {
        const auto flags = join_flags(message.flags);
        flagged_.bind(1, message.sequence).bind(2, message.at).bind(3, message.charger.value).bind(4, message.action);
        if (auto written = flagged_.bind(5, flags).bind(6, message.raw).run(); !written) return written;
    }
    return {};
}

Status ViewsWriter::write_topology(Database& database, const ViewChanges& changes) {
    if (changes.topology_replaced) {
        if (auto cleared = database.execute("DELETE FROM node; DELETE FROM site"); !cleared) return cleared;
    }
    for (const auto& [node, parent] : changes.nodes) {
        auto written = parent ? node_set_.bind(1, node.value).bind(2, parent->value).run()
                              : node_removed_.bind(1, node.value).run();
        if (!written) return written;
    }
    for (const auto& [charger, station] : changes.sites) {
        auto written = station ? site_set_.bind(1, charger.value).bind(2, station->value).run()
                               : site_removed_.bind(1, charger.value).run();
        if (!written) return written;
    }
    return {};
}

}  // namespace tianqu::sqlite
