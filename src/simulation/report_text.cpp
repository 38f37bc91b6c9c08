#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include "base/csv.hpp"
#include "base/json_writer.hpp"
#include "simulation/report.hpp"

namespace tianqu::simulation {

namespace {

void write_outcome(JsonWriter& json, std::string_view name, const Outcome& outcome) {
    const auto kilo = [](std::int64_t count) { return format_decimal(count, 3); };
    json.key(name).begin_object();
    json.field("sessions", outcome.sessions);
    json.key("asked_kwh").raw(kilo(outcome.asked.count));
    json.key("feasible_kwh").raw(kilo(outcome.feasible.count));
    json.key("delivered_kwh").raw(kilo(outcome.delivered.count));
    json.key("metered_kwh").raw(kilo(outcome.metered.count));
    json.key("peak_kw").raw(kilo(outcome.peak.count));
    json.key("charging_peak_kw").raw(kilo(outcome.charging_peak.count));
    json.field("overloaded_node_slots", outcome.overloaded_node_slots);
    json.key("cost_yuan").raw(format_decimal(to_fen(outcome.cost), 2));
    json.field("yuan_per_kwh", std::round(outcome.yuan_per_kwh() * 1e5) / 1e5);
    json.end_object();
}

}  // namespace

std::string to_json(const Report& report) {
    JsonWriter json;
    json.begin_object().field("synthetic", true);
    json.field("note", "虚拟车辆与充电桩，非实测数据 / virtual cars and chargers, not measurements");
    json.key("network").begin_object();
    json.field("source", report.origin.source).field("synthetic", report.origin.synthetic);
    json.field("seed", report.origin.seed).field("nodes", report.nodes).field("chargers", report.chargers).end_object();
    json.field("seed", static_cast<std::int64_t>(report.seed));
    json.field("start", format_time(report.start)).field("end", format_time(report.end));
    json.field("speed", report.speed);
    const auto length = static_cast<double>((report.end - report.start).count());
    json.field("virtual_hours", std::round(length / 3.6e3) / 1e3);
    json.field("slot_minutes", static_cast<std::int64_t>(slot_length.count() / 60'000));
    json.field("truncated", report.truncated);
    write_outcome(json, "orderly", report.orderly);
    write_outcome(json, "uncontrolled", report.uncontrolled);
    json.end_object();
    return json.take();
}

std::string meters_csv(const Report& report, const grid::Network& network) {
    std::string text = "node,slot_start,charging_kw_orderly,charging_kw_uncontrolled,base_kw,limit_kw\n";
    for (const MeterRow& row : report.meters) {
        fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{}\n", csv_cell(network.node(row.node).id.value),
                       format_time(row.slot_start), format_kilowatts(row.charging_orderly),
                       format_kilowatts(row.charging_uncontrolled), format_kilowatts(row.base),
                       format_kilowatts(row.limit));
    }
    return text;
}

}  // namespace tianqu::simulation
