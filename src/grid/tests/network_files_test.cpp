#include "grid/network_files.hpp"

#include <gtest/gtest.h>

#include <array>

#include "grid/tests/example_network.hpp"

namespace tianqu::grid {
namespace {

NetworkReading read(const NetworkTexts& texts) { return read_network(texts, {}, example_parts().origin); }

TEST(NetworkFiles, ReadWhatWasWritten) {
    const auto parts = example_parts();
    const auto reading = read(write_network(parts));
    ASSERT_TRUE(reading.problems.empty()) << reading.problems.front().text;
    EXPECT_EQ(reading.parts, parts);
}

TEST(NetworkFiles, NodesTakeDatumAndStatusFromTheFolderWhenTheRowIsSilent) {
    auto texts = write_network(example_parts());
    texts.nodes =
        "id,parent,kind,name_zh,name_en,limit_kw,base_profile,base_peak_kw,county,township,lon,lat,station_kind\n"
        "s,,station,站,Station,10,,,,,116.3,37.4,depot\n";
    texts.chargers = "charger,station,name,connector,current,phases,max_kw\n";
    const auto reading = read_network(texts, {}, {.source = "x", .synthetic = true, .datum = Datum::gcj02});
    ASSERT_TRUE(reading.problems.empty()) << reading.problems.front().text;
    EXPECT_EQ(reading.parts.nodes[0].datum, Datum::gcj02);
    EXPECT_TRUE(reading.parts.nodes[0].synthetic);
    EXPECT_EQ(reading.parts.nodes[0].limit, Watts{10'000});
}

struct Fault {
    const char* name;
    std::string NetworkTexts::* text;
    const char* from;
    const char* to;
    const char* file;
    const char* line;
    const char* field;
    const char* value;
    const char* expected;
};

class NetworkFileFaults : public testing::TestWithParam<Fault> {};

TEST_P(NetworkFileFaults, NameFileLineFieldValueAndExpected) {
    auto texts = write_network(example_parts());
    auto& text = texts.*GetParam().text;
    const auto position = text.find(GetParam().from);
    ASSERT_NE(position, std::string::npos);
    text.replace(position, std::string_view(GetParam().from).size(), GetParam().to);
    const auto reading = read(texts);
    ASSERT_EQ(reading.problems.size(), 1U) << reading.problems.front().text;
    const auto& problem = reading.problems.front();
    EXPECT_EQ(problem.field("file"), GetParam().file);
    EXPECT_EQ(problem.field("line"), GetParam().line);
    EXPECT_EQ(problem.field("field"), GetParam().field);
    EXPECT_EQ(problem.field("value"), GetParam().value);
    EXPECT_NE(problem.field("expected").find(GetParam().expected), std::string::npos) << problem.text;
}

constexpr auto nodes = &NetworkTexts::nodes;
constexpr auto chargers = &NetworkTexts::chargers;
constexpr auto profiles = &NetworkTexts::profiles;

// Rows of network.csv: 2 station, 3 transformer, 4 feeder, 5 city, 6 other.
const std::array faults{
    Fault{"kind", nodes, "city,feeder", "city,fider", "network.csv", "4", "kind", "fider", "feeder"},
    Fault{"limit_word", nodes, ",500,", ",viel,", "network.csv", "4", "limit_kw", "viel", "kilowatts"},
    Fault{"limit_digits", nodes, ",500,", ",500.0001,", "network.csv", "4", "limit_kw", "500.0001", "three decimals"},
    Fault{"limit_negative", nodes, ",500,", ",-500,", "network.csv", "4", "limit_kw", "-500", "above 0"},
    Fault{"parent", nodes, "feeder,city,", "feeder,town,", "network.csv", "4", "parent", "town", "id of a node"},
    Fault{"lon", nodes, "116.3", "116,3", "network.csv", "2", "(row)", "16 cells", "15 cells"},
    Fault{"lon_word", nodes, "116.3", "east", "network.csv", "2", "lon", "east", "degrees"},
    Fault{"datum", nodes, "placeholder", "bd09", "network.csv", "2", "datum", "bd09", "gcj02"},
    Fault{"synthetic", nodes, "placeholder,true", "placeholder,yes", "network.csv", "2", "synthetic", "yes",
          "true or false"},
    Fault{"station_kind", nodes, "residential", "home", "network.csv", "2", "station_kind", "home", "residential"},
    Fault{"profile_unknown", nodes, "500,day", "500,night", "network.csv", "4", "base_profile", "night", "profile"},
    Fault{"column_missing", nodes, "limit_kw", "limit", "network.csv", "1", "(header)",
          "id,parent,kind,name_zh,name_en,limit,base_profile,base_peak_kw,county,township,lon,lat,station_kind,datum,"
          "synthetic",
          "limit_kw"},
    Fault{"current", chargers, "ac", "wc", "chargers.csv", "2", "current", "wc", "ac or dc"},
    Fault{"power", chargers, "1,7", "1,seven", "chargers.csv", "2", "max_kw", "seven", "kilowatts"},
    Fault{"phases", chargers, "ac,1", "ac,2", "chargers.csv", "2", "phases", "2", "1 or 3"},
    Fault{"connector", chargers, "双枪\",2", "双枪\",3", "chargers.csv", "3", "connector", "3", "number 2"},
    Fault{"connector_zero", chargers, "一号,1", "一号,0", "chargers.csv", "2", "connector", "0", "1 to 32"},
    Fault{"station", chargers, "A,station", "A,feeder", "chargers.csv", "2", "station", "feeder", "not a feeder"},
    Fault{"station_differs", chargers, "B,station,\"二号, 双枪\",2", "B,other,\"二号, 双枪\",2", "chargers.csv", "4",
          "station", "other", "first row"},
    Fault{"quote", chargers, "\"二号, 双枪\",1", "\"二号, 双枪,1", "chargers.csv", "3", "", "", "closing quote"},
    Fault{"slot", profiles, "flat,95", "flat,96", "profiles.csv", "97", "slot", "96", "0 to 95"},
    Fault{"slot_missing", profiles, "flat,95,1000\n", "", "profiles.csv", "2", "slot", "95 slots", "each once"},
    Fault{"permille", profiles, "flat,3,1000", "flat,3,1500", "profiles.csv", "5", "permille", "1500", "0 to 1000"}};

INSTANTIATE_TEST_SUITE_P(NetworkFiles, NetworkFileFaults, testing::ValuesIn(faults),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(NetworkFiles, NameEveryProblemInOneRun) {
    auto texts = write_network(example_parts());
    texts.nodes.replace(texts.nodes.find(",500,"), 5, ",x,");
    texts.chargers.replace(texts.chargers.find("ac"), 2, "wc");
    texts.profiles.replace(texts.profiles.find("flat,3,1000"), 11, "flat,3,1500");
    EXPECT_EQ(read(texts).problems.size(), 3U);
}

TEST(NetworkFiles, ListAtMostSoManyProblems) {
    auto texts = write_network(example_parts());
    for (int row = 0; row < 1000; ++row) texts.chargers += "C,nowhere,x,1,ac,1,zero\n";
    EXPECT_EQ(read(texts).problems.size(), max_problems);
}

}  // namespace
}  // namespace tianqu::grid
