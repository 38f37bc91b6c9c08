/// Runs every folder here as a case; README.md says what the files mean.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/scenario/town_map.hpp"
#include "tests/scenario/virtual_town.hpp"

namespace tianqu::scenario {
namespace {

namespace json = boost::json;

const UtcOffset offset{std::chrono::minutes{480}};
const std::filesystem::path home = std::filesystem::path(TIANQU_SOURCE_DIR) / "tests/scenario";

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file.good()) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TimePoint local_time(const json::value& text) {
    return parse_time(std::string(text.as_string()) + ":00+08:00").value();
}

double number(const json::value& value) { return value.to_number<double>(); }
Watts watts(const json::value& kilowatts) { return Watts{std::llround(number(kilowatts) * 1000)}; }
std::string text(const json::value& value) { return std::string(value.as_string()); }

tariff::Window window(int from_hour, int to_hour, Permille multiplier, tariff::Band band) {
    tariff::Window window{
        .start_minute = from_hour * 60, .end_minute = to_hour * 60, .band = band, .multiplier = multiplier};
    for (int month = 1; month <= 12; ++month) window.months.push_back(month);
    return window;
}

tariff::Tariff make_tariff(const std::string& name) {
    using tariff::Band;
    tariff::TariffData data{.id = name, .name_zh = name, .name_en = name};
    tariff::Calendar calendar{.valid_from = {2020, 1, 1}, .source = "scenario"};
    if (name == "night") {
        calendar.windows = {window(0, 7, Permille{500}, Band::valley), window(7, 23, Permille{1000}, Band::flat),
                            window(23, 24, Permille{500}, Band::valley)};
    } else {
        calendar.windows = {window(0, 24, Permille{1000}, Band::flat)};
    }
    data.calendars = {calendar};
    data.base_prices = {{.valid_from = {2020, 1, 1}, .floating = PricePerKwh{60'000}, .source = "scenario"}};
    return tariff::Tariff::build(std::move(data), offset).value();
}

class Case {
public:
    explicit Case(const std::filesystem::path& folder)
        : events_(json::parse(read(folder / "events.json")).as_object()),
          expect_(json::parse(read(folder / "expect.json")).as_object()),
          town_(read_town(read(folder / "city.txt")).value(), make_tariff(text(events_.at("tariff"))), settings(),
                local_time(events_.at("start")), answer_delay()) {}

    void run() {
        const auto until = local_time(events_.at("until"));
        std::size_t next = 0;
        const auto& list = events_.at("events").as_array();
        while (town_.now() < until) {
            for (; next < list.size() && local_time(list[next].at("at")) <= town_.now(); ++next)
                happen(list[next].as_object());
            check_moment();
            town_.step();
        }
        EXPECT_EQ(next, list.size()) << "an event lies after the end";
        check_moment();
        check_end();
    }

private:
    static charging::Settings settings() {
        charging::Settings settings;
        settings.offset = offset;
        settings.defaults[grid::StationKind::residential] = {.departure_minute_of_day = 7 * 60,
                                                             .energy = WattHours{18'000}};
        return settings;
    }
    Milliseconds answer_delay() const {
        const auto* seconds = events_.if_contains("answer_seconds");
        return std::chrono::seconds{seconds == nullptr ? 0 : seconds->to_number<int>()};
    }

    void happen(const json::object& event) {
        if (const auto* id = event.if_contains("plug")) {
            Car car{.wanted = WattHours{std::llround(number(event.at("kwh")) * 1000)},
                    .departure = local_time(event.at("departure"))};
            if (const auto* power = event.if_contains("car_kw")) car.car_power = watts(*power);
            if (const auto* now = event.if_contains("charge_now")) car.charge_now = now->as_bool();
            if (const auto* tells = event.if_contains("tells_target")) car.tells_target = tells->as_bool();
            town_.plug(ChargerId{text(*id)}, car);
        } else if (const auto* gone = event.if_contains("offline")) {
            town_.go_offline(ChargerId{text(*gone)});
        } else if (const auto* back = event.if_contains("online")) {
            town_.go_online(ChargerId{text(*back)});
        } else if (const auto* stubborn = event.if_contains("refuse")) {
            town_.refuse(ChargerId{text(*stubborn)});
        } else if (const auto* limited = event.if_contains("limit")) {
            town_.limit(NodeId{text(*limited)}, watts(event.at("kw")), local_time(event.at("until")));
        } else if (const auto* metered = event.if_contains("meter")) {
            town_.meter(NodeId{text(*metered)}, watts(event.at("kw")));
        } else {
            ADD_FAILURE() << "unknown event " << json::serialize(event);
        }
    }

    void check_moment() {
        const auto* list = expect_.if_contains("at");
        if (list == nullptr) return;
        for (; checked_ < list->as_array().size(); ++checked_) {
            const auto& check = list->as_array()[checked_].as_object();
            if (local_time(check.at("at")) > town_.now()) return;
            const ChargerId charger{text(check.at("charger"))};
            const auto label = text(check.at("at")) + " " + charger.value + ": ";
            if (const auto* range = check.if_contains("kw")) {
                const auto power = to_kilowatts(town_.power(charger));
                EXPECT_GE(power, number(range->at(0))) << label << town_.explain(charger).text_en;
                EXPECT_LE(power, number(range->at(1))) << label << town_.explain(charger).text_en;
            }
            if (const auto* why = check.if_contains("why")) {
                const auto explanation = town_.explain(charger);
                EXPECT_EQ(explanation.reason, text(*why)) << label << explanation.text_en;
                EXPECT_FALSE(explanation.text_zh.empty() || explanation.text_en.empty()) << label;
                if (const auto* node = check.if_contains("node")) {
                    EXPECT_EQ(explanation.node.value, text(*node)) << label;
                }
            }
        }
    }

    void check_end() {
        EXPECT_TRUE(town_.journal_is_the_state());
        if (const auto* delivered = expect_.if_contains("delivered")) {
            for (const auto& [charger, range] : delivered->as_object()) {
                const auto energy = town_.charger(ChargerId{std::string(charger)}).delivered_wh / 1000;
                EXPECT_GE(energy, number(range.at(0))) << charger;
                EXPECT_LE(energy, number(range.at(1))) << charger;
            }
        }
        if (const auto* ready = expect_.if_contains("ready_before")) {
            for (const auto& [charger, time] : ready->as_object()) {
                const auto full = town_.charger(ChargerId{std::string(charger)}).full_at;
                ASSERT_TRUE(full.has_value()) << charger;
                EXPECT_LE(*full, local_time(time)) << charger << " " << format_local(*full, offset);
            }
        }
        check_alarms();
        check_overloads();
        check_order();
    }

    void check_alarms() {
        if (const auto* wanted = expect_.if_contains("alarms")) {
            for (const auto& alarm : wanted->as_array())
                EXPECT_TRUE(town_.alarms().contains(text(alarm))) << text(alarm);
        }
        if (expect_.contains("no_alarms")) {
            for (const auto& alarm : town_.alarms()) ADD_FAILURE() << "alarm " << alarm;
        }
        if (expect_.contains("alarms_cleared")) {
            EXPECT_TRUE(town_.state().alarms.empty());
        }
    }

    void check_overloads() {
        const auto* allowed = expect_.if_contains("overloaded");
        for (const auto& [node, what] : town_.overloads()) {
            const bool is_allowed =
                allowed != nullptr &&
                std::ranges::any_of(allowed->as_array(), [&](const auto& name) { return text(name) == node.value; });
            EXPECT_TRUE(is_allowed) << node.value << ": " << what;
        }
    }

    void check_order() {
        const auto* order = expect_.if_contains("order");
        if (order == nullptr) return;
        auto at = town_.accepted().begin();
        for (const auto& wanted : order->as_array()) {
            at = std::find(at, town_.accepted().end(), text(wanted));
            ASSERT_NE(at, town_.accepted().end())
                << text(wanted) << " of " << fmt::format("{}", fmt::join(town_.accepted(), ", "));
            ++at;
        }
    }

    json::object events_, expect_;
    VirtualTown town_;
    std::size_t checked_ = 0;
};

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(home)) {
        if (entry.is_directory()) names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, ComesOutAsExpected) { Case(home / GetParam()).run(); }

INSTANTIATE_TEST_SUITE_P(Town, Scenario, testing::ValuesIn(case_names()), [](const auto& info) { return info.param; });

TEST(Scenarios, AreThere) { EXPECT_GE(case_names().size(), 6u); }

}  // namespace
}  // namespace tianqu::scenario
