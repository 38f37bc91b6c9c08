#include "simulation/report.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/csv.hpp"

namespace tianqu::simulation {
namespace {

using std::chrono::minutes;

constexpr UtcOffset china{minutes{480}};
/// Takes 7 kW from any connector here, far from its taper.
constexpr CarModel car{WattHours{100'000}, Watts{7'000}, Watts{7'000}, Watts{100'000}};

TimePoint noon() { return *parse_time("2026-11-23T04:00:00Z"); }

///   town (limit 12 kW, base 2 kW all day)
///     └─ station (limit 20 kW, no base): charger A and charger B, 7 kW each
grid::Network town(Watts town_limit = Watts{12'000}) {
    grid::NetworkParts parts;
    parts.origin.source = "test";
    parts.origin.synthetic = true;
    parts.profiles.push_back({"flat", std::vector<Permille>(grid::slots_per_day, Permille{1000})});
    grid::Node root;
    root.id = NodeId("town");
    root.kind = grid::NodeKind::city;
    root.name_zh = root.name_en = "town";
    root.limit = town_limit;
    root.base_profile = "flat";
    root.base_peak = Watts{2'000};
    grid::Node station = root;
    station.id = NodeId("station");
    station.parent = root.id;
    station.kind = grid::NodeKind::station;
    station.station_kind = grid::StationKind::public_site;
    station.limit = Watts{20'000};
    station.base_profile.clear();
    station.base_peak = Watts{0};
    parts.nodes = {root, station};
    for (const char* name : {"A", "B"}) {
        parts.chargers.push_back(
            {ChargerId(name), station.id, name, {{ConnectorNumber{1}, Watts{7'000}, grid::Current::ac, 1}}});
    }
    auto network = grid::Network::build(std::move(parts));
    EXPECT_TRUE(network.has_value()) << (network ? "" : network.error().to_string());
    return *network;
}

/// 1 yuan a kWh until 12:30, 0.5 after.
tariff::Tariff prices() {
    tariff::TariffData data;
    data.id = "test";
    tariff::Calendar calendar;
    calendar.valid_from = {2020, 1, 1};
    tariff::Window dear;
    for (int month = 1; month <= 12; ++month) dear.months.push_back(month);
    dear.end_minute = 750;
    dear.price = PricePerKwh{100'000};
    tariff::Window cheap = dear;
    cheap.start_minute = 750;
    cheap.end_minute = 1440;
    cheap.price = PricePerKwh{50'000};
    calendar.windows = {dear, cheap};
    data.calendars.push_back(calendar);
    auto built = tariff::Tariff::build(data, china);
    EXPECT_TRUE(built.has_value()) << (built ? "" : built.error().to_string());
    return *built;
}

VisitRecord visit(const char* charger, int arrival_minute, int departure_minute, std::int64_t asked_wh) {
    VisitRecord record;
    record.visit.connector = {ChargerId(charger), ConnectorNumber{1}};
    record.visit.arrival = noon() + minutes{arrival_minute};
    record.visit.departure = noon() + minutes{departure_minute};
    record.visit.car = car;
    record.visit.asked = WattHours{asked_wh};
    return record;
}

Report report_of(const grid::Network& network, const Truth& truth) {
    const tariff::Tariff tariff = prices();
    auto report = make_report({.network = network,
                               .truth = truth,
                               .offset = china,
                               .seed = 1,
                               .speed = 1,
                               .tariff_of = [&](grid::StationKind) -> const tariff::Tariff& { return tariff; }});
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().to_string());
    return *report;
}

/// An hour and 6 minutes from noon. A stays 12:00–13:00 and asks 3.5 kWh, B 12:00–12:30 and asks 3.5 kWh; a third car
/// comes to B at 13:00 and is still there at the end. Orderly: B first at 7 kW, then A at 7 kW; the third at 5 kW.
Truth orderly_hour() {
    Truth truth;
    truth.start = noon();
    truth.end = noon() + minutes{66};
    truth.visits = {visit("A", 0, 60, 3'500), visit("B", 0, 30, 3'500), visit("B", 60, 120, 9'000)};
    truth.visits[0].delivered = to_energy(WattHours{3'500});
    truth.visits[1].delivered = to_energy(WattHours{3'500});
    truth.visits[2].delivered = to_energy(WattHours{500});
    const Energy quarter = to_energy(WattHours{1'750});
    truth.station_slots = {{}, {quarter, quarter, quarter, quarter, to_energy(WattHours{500})}};
    return truth;
}

TEST(Report, MatchesATownComputedByHand) {
    const grid::Network network = town();
    const Report report = report_of(network, orderly_hour());
    EXPECT_EQ(report.orderly.sessions, 2);
    EXPECT_EQ(report.orderly.asked, WattHours{7'000});
    EXPECT_EQ(report.orderly.delivered, WattHours{7'000});
    EXPECT_EQ(report.orderly.metered, WattHours{7'500});
    EXPECT_EQ(report.orderly.feasible, WattHours{7'000});  // 10 kW are free, 7 are enough
    EXPECT_EQ(report.orderly.charging_peak, Watts{7'000});
    EXPECT_EQ(report.orderly.peak, Watts{9'000});
    EXPECT_EQ(report.orderly.overloaded_node_slots, 0);
    // 3.5 kWh × 1 yuan + 4 kWh × 0.5 yuan
    EXPECT_EQ(report.orderly.cost, Money{550'000'000});
    EXPECT_NEAR(report.orderly.yuan_per_kwh(), 5.5 / 7.5, 1e-12);

    // Uncontrolled: both at 7 kW until 12:30, the third at 7 kW for 6 minutes.
    EXPECT_EQ(report.uncontrolled.sessions, 2);
    EXPECT_EQ(report.uncontrolled.delivered, WattHours{7'000});
    EXPECT_EQ(report.uncontrolled.metered, WattHours{7'700});
    EXPECT_EQ(report.uncontrolled.charging_peak, Watts{14'000});
    EXPECT_EQ(report.uncontrolled.peak, Watts{16'000});
    EXPECT_EQ(report.uncontrolled.overloaded_node_slots, 2);  // the town, 14 + 2 > 12 kW, in two quarter-hours
    EXPECT_EQ(report.uncontrolled.cost, Money{735'000'000});  // 7 kWh × 1 + 0.7 kWh × 0.5
}

TEST(Report, FeasibleEnergyIsWhatTheTreeLetsThrough) {
    // 2 kW of base leave 4 kW in the town: B's half hour and A's second one give at most 4 kWh.
    const grid::Network tight = town(Watts{6'000});
    const Report report = report_of(tight, orderly_hour());
    EXPECT_EQ(report.orderly.feasible, WattHours{4'000});
    EXPECT_EQ(report.orderly.asked, WattHours{7'000});
    EXPECT_EQ(report.orderly.overloaded_node_slots, 5);  // 7 + 2 and 5 + 2 > 6 kW
}

TEST(Report, TheLastSlotCountsWithItsOwnLength) {
    const grid::Network network = town();
    const Report report = report_of(network, orderly_hour());
    ASSERT_EQ(report.meters.size(), 2U * 5U);
    const MeterRow& last = report.meters[4];
    EXPECT_EQ(last.node, 0U);
    EXPECT_EQ(last.slot_start, noon() + minutes{60});
    EXPECT_EQ(last.charging_orderly, Watts{5'000});  // 500 Wh in 6 minutes
    EXPECT_EQ(last.charging_uncontrolled, Watts{7'000});
    EXPECT_EQ(last.base, Watts{2'000});
    EXPECT_EQ(last.limit, Watts{12'000});
}

TEST(Report, AStayWithinASlotCanGiveNoMoreThanItsMinutes) {
    // 12:05–12:10 at 7 kW: 583.3 Wh of the 5 kWh asked.
    Truth truth;
    truth.start = noon();
    truth.end = noon() + minutes{15};
    truth.visits = {visit("A", 5, 10, 5'000)};
    const Report report = report_of(town(), truth);
    EXPECT_EQ(report.orderly.feasible, WattHours{583});
    EXPECT_EQ(report.uncontrolled.delivered, WattHours{583});
    EXPECT_EQ(report.orderly.delivered, WattHours{0});
    EXPECT_EQ(report.orderly.yuan_per_kwh(), 0);
}

TEST(Report, AnEmptyRunIsAReportOfZeros) {
    Truth truth;
    truth.start = truth.end = noon();
    const Report report = report_of(town(), truth);
    EXPECT_EQ(report.orderly.sessions, 0);
    EXPECT_TRUE(report.meters.empty());
}

TEST(Report, IsWrittenAsJsonAndCsv) {
    const grid::Network network = town();
    const Report report = report_of(network, orderly_hour());
    const std::string json = to_json(report);
    EXPECT_TRUE(json.starts_with("{\"synthetic\":true,"));
    EXPECT_NE(json.find("\"orderly\":{\"sessions\":2,\"asked_kwh\":7,\"feasible_kwh\":7,\"delivered_kwh\":7,"
                        "\"metered_kwh\":7.5,\"peak_kw\":9,\"charging_peak_kw\":7,\"overloaded_node_slots\":0,"
                        "\"cost_yuan\":5.5,\"yuan_per_kwh\":0.73333}"),
              std::string::npos)
        << json;
    const std::string csv = meters_csv(report, network);
    const auto table = CsvTable::parse("meters", csv);
    ASSERT_TRUE(table.has_value());
    ASSERT_EQ(table->rows().size(), 10U);
    EXPECT_EQ(table->header(), (std::vector<std::string>{"node", "slot_start", "charging_kw_orderly",
                                                         "charging_kw_uncontrolled", "base_kw", "limit_kw"}));
    EXPECT_EQ(table->rows()[0].cells,
              (std::vector<std::string>{"town", "2026-11-23T04:00:00.000Z", "7", "14", "2", "12"}));
}

TEST(Report, UncontrolledAgreesWithASlowModel) {
    rc::check("minute by minute, without a taper", [] {
        Truth truth;
        truth.start = noon();
        truth.end = noon() + minutes{*rc::gen::inRange(1, 300)};
        int free_from = 0;
        std::int64_t slow_metered = 0;
        std::int64_t slow_delivered = 0;
        const auto stays = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
            rc::gen::tuple(rc::gen::inRange(0, 60), rc::gen::inRange(1, 120), rc::gen::inRange(1, 12'000)));
        const int last = static_cast<int>((truth.end - truth.start) / minutes{1});
        for (const auto& [pause, stay, asked] : stays) {
            const int arrival = free_from + pause;
            if (arrival >= last) break;
            truth.visits.push_back(visit("A", arrival, arrival + stay, asked));
            free_from = arrival + stay;
            const Energy possible = energy_of(Watts{7'000}, minutes{std::min(free_from, last) - arrival});
            const std::int64_t taken = std::min(possible, to_energy(WattHours{asked})).count;
            slow_metered += taken;
            if (free_from <= last) slow_delivered += taken;
        }
        const Report report = report_of(town(), truth);
        RC_ASSERT(report.uncontrolled.metered == to_watt_hours(Energy{slow_metered}));
        RC_ASSERT(report.uncontrolled.delivered == to_watt_hours(Energy{slow_delivered}));
        RC_ASSERT(report.orderly.feasible <= report.orderly.asked);
        RC_ASSERT(report.uncontrolled.delivered == report.orderly.feasible);  // 7 kW always fit
    });
}

}  // namespace
}  // namespace tianqu::simulation
