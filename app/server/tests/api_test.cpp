/// What the API answers, over a real connection.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "app/server/tests/test_server.hpp"

namespace tianqu::test {
namespace {

using testing::HasSubstr;

class ApiTest : public testing::Test {
protected:
    HttpAnswer get(const std::string& path) { return server_.api("GET", path); }
    std::vector<std::string> ids(const std::string& path) {
        const auto answer = get(path);
        EXPECT_EQ(answer.status, 200) << answer.body;
        std::vector<std::string> found;
        for (const auto& charger : answer.value().at("chargers").as_array())
            found.emplace_back(charger.at("id").as_string());
        return found;
    }
    TestServer server_;
};

TEST_F(ApiTest, TheOverviewHasEveryFieldOfItsDescription) {
    const auto overview = get("/overview").value().as_object();
    for (const char* field : {"now", "speed", "simulated", "synthetic_network", "city", "chargers", "sessions", "load",
                              "price", "plan", "today", "alarms", "overloaded_nodes"}) {
        EXPECT_TRUE(overview.contains(field)) << field;
    }
    EXPECT_FALSE(overview.at("simulated").as_bool());
    EXPECT_TRUE(overview.at("synthetic_network").as_bool());
    EXPECT_EQ(overview.at("city").at("name_zh").as_string(), "德州市");
    const auto& chargers = overview.at("chargers").as_object();
    for (const char* field :
         {"total", "online", "held", "free", "occupied", "charging", "reserved", "fault", "offline", "unknown"})
        EXPECT_TRUE(chargers.contains(field)) << field;
    EXPECT_EQ(chargers.at("total").as_int64(), 3);
    EXPECT_EQ(chargers.at("offline").as_int64(), 3);
    const auto& load = overview.at("load").as_object();
    EXPECT_EQ(load.at("base_w").as_int64(), 20'000);
    EXPECT_EQ(load.at("charging_w").as_int64(), 0);
    EXPECT_EQ(load.at("limit_w").as_int64(), 1'000'000);
    EXPECT_EQ(overview.at("sessions").at("active").as_int64(), 0);
    for (const char* field : {"band", "price", "next_band", "next_at", "example"})
        EXPECT_TRUE(overview.at("price").as_object().contains(field)) << field;
    for (const char* field : {"energy_wh", "cost", "uncontrolled_cost", "peak_w", "uncontrolled_peak_w"})
        EXPECT_TRUE(overview.at("today").as_object().contains(field)) << field;
}

TEST_F(ApiTest, ChargersAreFilteredAndPaged) {
    EXPECT_THAT(ids("/chargers"), testing::ElementsAre("A1", "A2", "D1"));
    EXPECT_THAT(ids("/chargers?node=S1"), testing::ElementsAre("A1", "A2"));
    EXPECT_THAT(ids("/chargers?node=F1"), testing::ElementsAre("A1", "A2", "D1"));
    EXPECT_THAT(ids("/chargers?county=371402"), testing::ElementsAre("A1", "A2", "D1"));
    EXPECT_THAT(ids("/chargers?county=371403"), testing::IsEmpty());
    EXPECT_THAT(ids("/chargers?state=offline&q=d"), testing::ElementsAre("D1"));
    EXPECT_THAT(ids("/chargers?q=%E6%B5%8B%E8%AF%95P1"), testing::ElementsAre("D1"));
    EXPECT_THAT(ids("/chargers?state=charging"), testing::IsEmpty());
    const auto first = get("/chargers?limit=2").value();
    EXPECT_EQ(first.at("total").as_int64(), 3);
    EXPECT_EQ(first.at("next").as_string(), "A2");
    EXPECT_THAT(ids("/chargers?limit=2&after=A2"), testing::ElementsAre("D1"));
    EXPECT_TRUE(get("/chargers?limit=2&after=A2").value().at("next").is_null());
    EXPECT_TRUE(get("/chargers?limit=3").value().at("next").is_null());
}

TEST_F(ApiTest, AWrongQueryNamesItsParameter) {
    for (const char* limit : {"0", "1001", "x", "-1", "5x", "99999999999999999999"}) {
        const auto answer = get(std::string("/chargers?limit=") + limit);
        EXPECT_EQ(answer.status, 400) << limit;
        EXPECT_EQ(answer.error_field("field"), "limit");
    }
    EXPECT_EQ(get("/chargers?node=none").status, 404);
    EXPECT_EQ(get("/sessions?active=perhaps").error_field("field"), "active");
    EXPECT_EQ(get("/sessions/x").error_field("field"), "id");
    EXPECT_EQ(get("/sessions/99").status, 404);
    EXPECT_EQ(get("/nodes/371400/curve?date=2026-02-30").status, 400);
}

TEST_F(ApiTest, ABodyIsReadFieldByFieldAndNothingIsIgnored) {
    const std::string path = "/nodes/S1/temporary-limit";
    const auto put = [&](const std::string& body) { return server_.api("PUT", path, body); };
    EXPECT_EQ(put("{").status, 400);
    EXPECT_EQ(put("[]").status, 400);
    EXPECT_EQ(put("{}").error_field("field"), "limit_w");
    EXPECT_EQ(put(R"({"limit_w":"much"})").error_field("field"), "limit_w");
    EXPECT_EQ(put(R"({"limit_w":1.5,"until":"2099-01-01T00:00:00Z"})").error_field("field"), "limit_w");
    EXPECT_EQ(put(R"({"limit_w":1000,"until":"tomorrow"})").error_field("field"), "until");
    const auto misspelt = put(R"({"limit_w":1000,"untill":"2099-01-01T00:00:00Z","until":"2099-01-01T00:00:00Z"})");
    EXPECT_EQ(misspelt.status, 400);
    EXPECT_EQ(misspelt.error_field("field"), "untill");
    EXPECT_THAT(misspelt.body, HasSubstr("text_zh"));
    EXPECT_EQ(put(std::string(2'000, '[')).status, 400);
    // Refused bodies changed nothing.
    EXPECT_TRUE(get("/nodes/S1").value().at("temporary_limit").is_null());
    EXPECT_EQ(put(R"({"limit_w":1000,"until":"2099-01-01T00:00:00Z","reason":"works"})").status, 200);
    EXPECT_EQ(get("/nodes/S1").value().at("temporary_limit").at("limit_w").as_int64(), 1'000);
    EXPECT_EQ(server_.api("DELETE", path).status, 200);
    EXPECT_TRUE(get("/nodes/S1").value().at("temporary_limit").is_null());
}

TEST_F(ApiTest, WhoDecidedWhatAndWhyIsKept) {
    ASSERT_EQ(server_.api("PUT", "/nodes/S1", R"({"limit_w":90000,"reason":"new transformer"})").status, 200);
    const auto answer =
        ask_until([&] { return get("/audit"); },
                  [](const HttpAnswer& got) { return got.body.find("new transformer") != std::string::npos; });
    const auto audit = answer.value().at("audit").as_array();
    ASSERT_FALSE(audit.empty());
    const auto& row = audit.front().as_object();
    EXPECT_EQ(row.at("who").as_string(), "user:administrator-key");
    EXPECT_EQ(row.at("why").as_string(), "new transformer");
    EXPECT_EQ(row.at("what").as_string(), "node_set");
}

TEST_F(ApiTest, NodesCurvesAndPlansAreThere) {
    const auto nodes = get("/nodes?kind=station").value().at("nodes").as_array();
    EXPECT_EQ(nodes.size(), 2u);
    EXPECT_EQ(get("/nodes?parent=T1").value().at("nodes").as_array().size(), 2u);
    const auto curve = get("/nodes/371400/curve").value().as_object();
    EXPECT_EQ(curve.at("slots").as_array().size(), 96u);
    EXPECT_EQ(curve.at("slot_ms").as_int64(), 900'000);
    for (const char* field :
         {"start", "band", "price", "limit_w", "base_w", "measured_w", "planned_w", "uncontrolled_w"})
        EXPECT_TRUE(curve.at("slots").at(0).as_object().contains(field)) << field;
    EXPECT_EQ(get("/nodes/none/curve").status, 404);
    EXPECT_TRUE(get("/plan").value().as_object().contains("sessions"));
    EXPECT_FALSE(get("/tariff/day").value().at("bands").as_array().empty());
    EXPECT_EQ(get("/report").status, 404);
    EXPECT_EQ(get("/map/points").value().at("states").as_string(), "---");
    EXPECT_EQ(get("/map/stations").value().at("stations").as_array().size(), 2u);
    EXPECT_EQ(get("/map/counties").value().at("type").as_string(), "FeatureCollection");
    EXPECT_THAT(get("/search?q=D1").body, HasSubstr("charger"));
}

TEST_F(ApiTest, TokensAreKept) {
    EXPECT_EQ(server_.api("PUT", "/tokens/TAG1", R"({"verdict":"blocked","note":"lost"})").status, 200);
    EXPECT_EQ(get("/tokens/TAG1").value().at("verdict").as_string(), "blocked");
    EXPECT_EQ(server_.api("PUT", "/tokens/TAG1", R"({"verdict":"perhaps"})").error_field("field"), "verdict");
    EXPECT_EQ(server_.api("DELETE", "/tokens/TAG1").status, 200);
    EXPECT_EQ(get("/tokens/TAG1").status, 404);
}

TEST_F(ApiTest, ANetworkFolderReplacesTheNetworkOrSaysWhereItIsWrong) {
    const auto wrong = server_.api("POST", "/network/import", R"({"files":{"network.csv":"x"}})");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_FALSE(wrong.error_field("file").empty()) << wrong.body;
    EXPECT_EQ(server_.api("POST", "/network/import", R"({"files":{}})").status, 400);
    EXPECT_EQ(get("/nodes?kind=station").value().at("nodes").as_array().size(), 2u);
}

TEST_F(ApiTest, MetricsAreText) {
    const auto answer = ask(server_.http_port(),
                            {.target = "/metrics", .headers = {{"Authorization", "Bearer " + server_.key("viewer")}}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.headers.at("content-type"), HasSubstr("text/plain"));
    EXPECT_THAT(answer.body, HasSubstr("# TYPE tianqu_journal_events_written_total counter"));
    EXPECT_THAT(answer.body, HasSubstr("tianqu_chargers{state=\"offline\"} 3\n"));
    EXPECT_THAT(answer.body, HasSubstr("tianqu_city_load_watts{kind=\"base\"} 20000\n"));
    EXPECT_THAT(answer.body, HasSubstr("tianqu_journal_healthy 1\n"));
    std::set<std::string> helped;
    std::istringstream lines(answer.body);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# HELP ")) {
            const auto name = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(helped.insert(name).second) << name << " twice";
            EXPECT_GT(line.size(), 7 + name.size() + 5) << name << " without help";
        }
    }
}

TEST_F(ApiTest, AnEventStreamBeginsWithTheOverview) {
    const auto text =
        read_stream(server_.http_port(),
                    {.target = "/api/v1/events", .headers = {{"Authorization", "Bearer " + server_.key("viewer")}}},
                    "event: overview\ndata: {");
    EXPECT_THAT(text, HasSubstr("text/event-stream"));
    EXPECT_THAT(text, HasSubstr("event: overview\ndata: {"));
}

/// What docs/api.md names as calls: "`GET /path`", with several methods and paths a row.
std::set<std::string> documented_paths() {
    std::ifstream in(TIANQU_SOURCE_DIR "/docs/api.md");
    std::stringstream text;
    text << in.rdbuf();
    const std::string all = text.str();
    std::set<std::string> found;
    for (std::size_t at = all.find('`'); at != std::string::npos;) {
        const auto end = all.find('`', at + 1);
        if (end == std::string::npos) break;
        const std::string code = all.substr(at + 1, end - at - 1);
        at = all.find('`', end + 1);
        const auto slash = code.find(" /");
        if (slash == std::string::npos || code.find_first_not_of("GETPOSUDL|") != slash) continue;
        auto path = code.substr(slash + 1);
        path = path.substr(0, path.find_first_of("?[ "));
        std::istringstream methods(code.substr(0, slash));
        for (std::string method; std::getline(methods, method, '|');) found.insert(method + " " + path);
    }
    return found;
}

TEST_F(ApiTest, WhatIsDocumentedIsServedAndWhatIsServedIsDescribed) {
    const auto answer = ask(server_.http_port(), {.target = "/api/openapi.json",
                                                  .headers = {{"Authorization", "Bearer " + server_.key("viewer")}}});
    const auto document = answer.value();
    EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
    const auto& paths = document.at("paths").as_object();
    std::set<std::string> described;
    for (const auto& [path, methods] : paths) {
        for (const auto& [method, operation] : methods.as_object()) {
            std::string upper(method);
            for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            described.insert(upper + " " + std::string(path));
            EXPECT_FALSE(operation.at("summary").as_string().empty()) << path;
            // A described path is a served one: another method on it is "not served", never "no such address".
            std::string concrete(path);
            for (auto at = concrete.find('{'); at != std::string::npos; at = concrete.find('{'))
                concrete.replace(at, concrete.find('}') - at + 1, "none");
            EXPECT_EQ(server_.api("PATCH", concrete).error_code(), "unsupported") << path;
        }
    }
    for (const auto& call : documented_paths()) {
        if (call == "GET /events") continue;  // a stream is beyond what the description can say
        EXPECT_TRUE(described.contains(call)) << call << " is in docs/api.md, but not served";
    }
    EXPECT_EQ(server_.api("GET", "/no-such-thing").status, 404);
}

TEST_F(ApiTest, OddPathsDoNoHarm) {
    for (const char* path : {"/chargers/%", "/chargers/%zz", "/chargers/%00", "/chargers/%ff%fe", "/chargers/..%2f..",
                             "/chargers//", "//", "/chargers/A1/", "/nodes/%2e%2e", "/chargers/?limit=&limit="}) {
        const auto answer = get(path);
        EXPECT_GE(answer.status, 200) << path;
        EXPECT_LT(answer.status, 500) << path;
    }
    EXPECT_EQ(get("/chargers/A1").status, 200);
}

}  // namespace
}  // namespace tianqu::test
