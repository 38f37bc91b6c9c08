/// Chargers that speak OCPP over a real socket, and what the API shows and commands of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "app/server/runtime.hpp"
#include "app/server/tests/test_server.hpp"

namespace tianqu::test {
namespace {

using testing::HasSubstr;

class ChargerTest : public testing::Test {
protected:
    explicit ChargerTest(TestServerOptions options = {}) : server_(options) {}

    HttpAnswer get(const std::string& path) { return server_.api("GET", path); }
    void approve(const std::string& charger) {
        const auto answer = server_.api("POST", "/chargers/" + charger + "/registration",
                                        R"({"registration":"approved","reason":"installed today"})");
        ASSERT_EQ(answer.status, 200) << answer.body;
    }
    /// Connected, approved and booted.
    void bring_up(OcppClient& charger, const std::string& id) {
        ASSERT_TRUE(charger.connect(server_.ocpp_port(), id));
        if (boot(charger) == "Accepted") return;
        approve(id);
        ASSERT_EQ(boot(charger), "Accepted");
    }
    std::int64_t start(OcppClient& charger, const std::string& token, std::int64_t register_wh,
                       const std::string& time) {
        const auto answer = charger.call("StartTransaction", start_payload(token, register_wh, time));
        EXPECT_TRUE(answer && answer->error.empty());
        return answer ? answer->payload.at("transactionId").as_int64() : 0;
    }
    static std::string meter_payload(std::int64_t session, std::int64_t register_wh, int connector = 1) {
        return R"({"connectorId":)" + std::to_string(connector) + R"(,"transactionId":)" + std::to_string(session) +
               R"(,"meterValue":[{"timestamp":")" + now_text() + R"(","sampledValue":[{"value":")" +
               std::to_string(register_wh) +
               R"(","measurand":"Energy.Active.Import.Register","unit":"Wh"},{"value":"3000","measurand":"Power.Active.Import","unit":"W"}]}]})";
    }
    static std::string stop_payload(std::int64_t session, std::int64_t register_wh) {
        return R"({"transactionId":)" + std::to_string(session) + R"(,"meterStop":)" + std::to_string(register_wh) +
               R"(,"timestamp":")" + now_text() + R"(","reason":"Local"})";
    }
    HttpAnswer session_until(std::int64_t session, const std::function<bool(const HttpAnswer&)>& fits) {
        return ask_until([&] { return get("/sessions/" + std::to_string(session)); }, fits);
    }

    TestServer server_;
};

TEST_F(ChargerTest, AnUnknownChargerIsHeldUntilSomeoneApprovesIt) {
    OcppClient charger;
    ASSERT_TRUE(charger.connect(server_.ocpp_port(), "NEW-1"));
    EXPECT_EQ(charger.subprotocol(), "ocpp1.6");
    EXPECT_EQ(boot(charger), "Pending");
    const auto held = get("/chargers?registration=held").value();
    EXPECT_THAT(json::serialize(held), HasSubstr("NEW-1"));
    // It may not charge yet.
    const auto early = charger.call("StartTransaction", start_payload("TAG1", 0, now_text()));
    ASSERT_TRUE(early);
    EXPECT_EQ(early->payload.at("idTagInfo").at("status").as_string(), "Blocked");
    approve("NEW-1");
    const auto trigger = charger.await_call("TriggerMessage");
    ASSERT_TRUE(trigger);
    EXPECT_EQ(trigger->at("requestedMessage").as_string(), "BootNotification");
    EXPECT_EQ(boot(charger), "Accepted");
    const auto shown = get("/chargers/NEW-1").value().as_object();
    EXPECT_EQ(shown.at("registration").as_string(), "approved");
    EXPECT_TRUE(shown.at("online").as_bool());
    EXPECT_EQ(shown.at("vendor").as_string(), "Vendor");
    const auto later = charger.call("StartTransaction", start_payload("TAG1", 0, now_text()));
    ASSERT_TRUE(later);
    EXPECT_EQ(later->payload.at("idTagInfo").at("status").as_string(), "Accepted");
}

TEST_F(ChargerTest, ARejectedChargerIsDisconnectedAndStaysOut) {
    OcppClient charger;
    ASSERT_TRUE(charger.connect(server_.ocpp_port(), "NEW-2"));
    EXPECT_EQ(boot(charger), "Pending");
    EXPECT_EQ(server_.api("POST", "/chargers/NEW-2/registration", R"({"registration":"rejected"})").status, 200);
    while (charger.read()) {
    }
    EXPECT_FALSE(charger.open());
    EXPECT_FALSE(charger.connect(server_.ocpp_port(), "NEW-2"));
    EXPECT_EQ(charger.handshake_status(), 403);
    EXPECT_EQ(server_.api("POST", "/chargers/NEW-2/registration", R"({"registration":"maybe"})").error_field("field"),
              "registration");
    EXPECT_EQ(server_.api("POST", "/chargers/NOT-SEEN/registration", R"({"registration":"approved"})").status, 404);
}

TEST_F(ChargerTest, ASessionIsPermittedMeteredShownAndBilled) {
    OcppClient charger;
    bring_up(charger, "A1");
    const auto session = start(charger, "TAG1", 1'000, now_text());
    ASSERT_GT(session, 0);
    const auto profile = charger.await_call("SetChargingProfile", [&](const json::object& payload) {
        const auto* id = payload.at("csChargingProfiles").as_object().if_contains("transactionId");
        return id != nullptr && *id == session;
    });
    ASSERT_TRUE(profile) << "no permission came";
    EXPECT_EQ(profile->at("connectorId").as_int64(), 1);
    EXPECT_EQ(profile->at("csChargingProfiles").at("chargingProfilePurpose").as_string(), "TxProfile");
    const auto active = get("/sessions/" + std::to_string(session)).value().as_object();
    EXPECT_EQ(active.at("charger").as_string(), "A1");
    EXPECT_EQ(active.at("token").as_string(), "TAG1");
    EXPECT_TRUE(active.at("ended").is_null());
    ASSERT_TRUE(active.at("why").is_object());
    EXPECT_FALSE(active.at("why").at("text_zh").as_string().empty());

    ASSERT_TRUE(charger.call("MeterValues", meter_payload(session, 1'500)));
    const auto metered = get("/sessions/" + std::to_string(session)).value().as_object();
    EXPECT_EQ(metered.at("energy_wh").as_int64(), 500);
    EXPECT_EQ(metered.at("power_w").as_int64(), 3'000);
    EXPECT_EQ(get("/overview").value().at("load").at("charging_w").as_int64(), 3'000);

    const auto stopped = charger.call("StopTransaction", stop_payload(session, 2'234));
    ASSERT_TRUE(stopped && stopped->error.empty());
    const auto ended = session_until(session, [](const HttpAnswer& answer) {
        const auto value = answer.value();
        return value.is_object() && value.as_object().contains("ended") && !value.at("ended").is_null();
    });
    EXPECT_EQ(ended.value().at("energy_wh").as_int64(), 1'234) << ended.body;
    EXPECT_EQ(ended.value().at("end_reason").as_string(), "Local");
    EXPECT_EQ(get("/overview").value().at("sessions").at("active").as_int64(), 0);
    EXPECT_EQ(get("/sessions?charger=A1").value().at("sessions").as_array().size(), 1u);
    EXPECT_TRUE(get("/sessions?charger=A2").value().at("sessions").as_array().empty());
    EXPECT_EQ(get("/sessions/" + std::to_string(session) + "/curve").status, 200);
}

TEST_F(ChargerTest, ARepeatedMessageIsAnsweredAgainAndCountedOnce) {
    OcppClient charger;
    bring_up(charger, "A1");
    const std::string time = now_text();
    const auto session = start(charger, "TAG1", 1'000, time);
    EXPECT_EQ(start(charger, "TAG1", 1'000, time), session);
    const auto meter = meter_payload(session, 1'400);
    ASSERT_TRUE(charger.call("MeterValues", meter));
    ASSERT_TRUE(charger.call("MeterValues", meter));
    charger.close();
    ASSERT_TRUE(charger.connect(server_.ocpp_port(), "A1"));
    EXPECT_EQ(start(charger, "TAG1", 1'000, time), session);
    ASSERT_TRUE(charger.call("MeterValues", meter));
    const auto stop = stop_payload(session, 1'600);
    for (int i = 0; i < 3; ++i) {
        const auto answer = charger.call("StopTransaction", stop);
        ASSERT_TRUE(answer && answer->error.empty());
    }
    EXPECT_EQ(start(charger, "TAG1", 1'000, time), session) << "a repeat after the end";
    EXPECT_EQ(server_.events("session_started").size(), 1u);
    EXPECT_EQ(server_.events("session_metered").size(), 1u);
    EXPECT_EQ(server_.events("session_ended").size(), 1u);
}

TEST_F(ChargerTest, ADriversWishIsTakenOrRefusedByField) {
    OcppClient charger;
    bring_up(charger, "A1");
    const std::string path = "/sessions/" + std::to_string(start(charger, "TAG1", 0, now_text()));
    const auto departure = format_time(parse_time(now_text()).value() + std::chrono::hours{5});
    EXPECT_EQ(server_.api("POST", path + "/target", R"({"departure":")" + departure + R"(","energy_wh":9000})").status,
              200);
    const auto shown = get(path).value().as_object();
    EXPECT_EQ(shown.at("target_wh").as_int64(), 9'000);
    EXPECT_EQ(shown.at("departure").as_string(), departure);
    EXPECT_FALSE(shown.at("target_by_default").as_bool());
    for (const char* energy : {"-1", "0", "\"much\"", "1e30"}) {
        const auto refused =
            server_.api("POST", path + "/target", R"({"departure":")" + departure + R"(","energy_wh":)" + energy + "}");
        EXPECT_EQ(refused.status, 400) << energy;
        EXPECT_FALSE(refused.error_field("field").empty()) << refused.body;
    }
    EXPECT_EQ(server_.api("POST", path + "/target", R"({"charge_now":true})").status, 200);
    EXPECT_TRUE(get(path).value().at("charge_now").as_bool());
}

TEST_F(ChargerTest, ACommandWaitsForTheChargersAnswer) {
    OcppClient charger;
    bring_up(charger, "A1");
    charger.answer_call = [](const std::string& action, const json::object&) {
        return std::string(action == "Reset" ? R"({"status":"Rejected"})" : R"({"status":"Accepted"})");
    };
    auto answer = std::async(std::launch::async, [&] {
        return server_.api("POST", "/chargers/A1/commands/Reset", R"({"type":"Soft"})", "operator");
    });
    const auto reset = charger.await_call("Reset");
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->at("type").as_string(), "Soft");
    const auto got = answer.get();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.value().at("status").as_string(), "Rejected") << got.body;
    EXPECT_EQ(got.value().at("answer").at("status").as_string(), "Rejected");
}

TEST_F(ChargerTest, AWrongCommandNamesItsFieldAndIsNotSent) {
    OcppClient charger;
    bring_up(charger, "A1");
    const auto command = [&](const std::string& action, const std::string& payload) {
        return server_.api("POST", "/chargers/A1/commands/" + action, payload, "operator");
    };
    EXPECT_GE(command("Dance", "{}").status, 400);
    EXPECT_THAT(command("Dance", "{}").body, HasSubstr("Dance"));
    const auto wrong = command("Reset", R"({"type":"Gentle"})");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.body, HasSubstr("type"));
    EXPECT_EQ(command("Reset", "{}").status, 400);
    EXPECT_EQ(command("Reset", "nonsense").status, 400);
    EXPECT_EQ(command("Heartbeat", "{}").status, 400) << "a charger's own message is no command";
    const auto offline = server_.api("POST", "/chargers/A2/commands/Reset", R"({"type":"Soft"})", "operator");
    EXPECT_TRUE(offline.status == 404 || offline.value().at("outcome").as_string() == "not_sent") << offline.body;
}

TEST_F(ChargerTest, AConnectionIsReplacedByTheChargersNewOne) {
    OcppClient old;
    bring_up(old, "A1");
    OcppClient fresh;
    ASSERT_TRUE(fresh.connect(server_.ocpp_port(), "A1"));
    while (old.read()) {
    }
    EXPECT_FALSE(old.open());
    EXPECT_TRUE(fresh.call("Heartbeat", "{}"));
    EXPECT_TRUE(get("/chargers/A1").value().at("online").as_bool());
    fresh.close();
    const auto offline = ask_until([&] { return get("/chargers/A1"); },
                                   [](const HttpAnswer& answer) { return !answer.value().at("online").as_bool(); });
    EXPECT_FALSE(offline.value().at("online").as_bool());
}

TEST_F(ChargerTest, OtherVersionsOfTheProtocolAreTurnedAway) {
    OcppClient charger;
    // OCPP-J 1.6 §3.1.2: the handshake completes without a subprotocol, and the connection is closed at once.
    ASSERT_TRUE(charger.connect(server_.ocpp_port(), "A1", "ocpp2.0.1"));
    EXPECT_EQ(charger.subprotocol(), "");
    EXPECT_FALSE(charger.read());
    EXPECT_FALSE(charger.open());
    EXPECT_TRUE(charger.connect(server_.ocpp_port(), "A1", "ocpp2.0.1, ocpp1.6"));
    EXPECT_EQ(charger.subprotocol(), "ocpp1.6");
    EXPECT_FALSE(charger.connect(server_.ocpp_port(), std::string(49, 'x')));
    EXPECT_EQ(charger.handshake_status(), 404);
}

TEST_F(ChargerTest, NothingTransactionalIsConfirmedBeforeItIsDurable) {
    OcppClient charger;
    bring_up(charger, "A1");
    const auto time = now_text();
    server_.journal().withhold();
    const auto started = charger.start_call("StartTransaction", start_payload("TAG1", 0, time));
    // What is not transactional is answered meanwhile, so the start was handled and only its answer waits.
    ASSERT_TRUE(charger.call("Heartbeat", "{}"));
    ASSERT_TRUE(charger.call("Heartbeat", "{}"));
    EXPECT_EQ(server_.events("session_started").size(), 1u);
    EXPECT_FALSE(charger.answered(started));
    // A repeat of it has to wait as well.
    OcppClient again;
    ASSERT_TRUE(again.connect(server_.ocpp_port(), "A1"));
    const auto repeated = again.start_call("StartTransaction", start_payload("TAG1", 0, time));
    ASSERT_TRUE(again.call("Heartbeat", "{}"));
    EXPECT_FALSE(again.answered(repeated));
    server_.journal().release();
    const auto answer = again.await_answer(repeated);
    ASSERT_TRUE(answer);
    EXPECT_GT(answer->payload.at("transactionId").as_int64(), 0);
    EXPECT_EQ(server_.events("session_started").size(), 1u);
}

TEST_F(ChargerTest, AfterAStorageFailureNothingIsConfirmedAndReadsGoOn) {
    OcppClient charger;
    bring_up(charger, "A1");
    server_.journal().break_storage();
    const auto started = charger.start_call("StartTransaction", start_payload("TAG1", 0, now_text()));
    const auto health = ask_until([&] { return ask(server_.http_port(), {.target = "/healthz"}); },
                                  [](const HttpAnswer& answer) { return answer.status == 503; });
    EXPECT_EQ(health.status, 503);
    EXPECT_THAT(health.body, HasSubstr("failed"));
    // The failure was told to all that waited before health turned red: what has not come by now never will.
    while (const auto message = charger.read(std::chrono::milliseconds(100)))
        EXPECT_EQ(message->find("\"" + started + "\""), std::string::npos) << *message;
    EXPECT_EQ(get("/chargers/A1").status, 200);
    EXPECT_EQ(server_.api("PUT", "/nodes/S1", R"({"limit_w":90000})").status, 503);
    const auto metrics = ask(server_.http_port(),
                             {.target = "/metrics", .headers = {{"Authorization", "Bearer " + server_.key("viewer")}}});
    EXPECT_THAT(metrics.body, HasSubstr("tianqu_journal_healthy 0\n"));
    OcppClient late;
    EXPECT_FALSE(late.connect(server_.ocpp_port(), "A2")) << "a charger is told at the door";
}

}  // namespace
}  // namespace tianqu::test
