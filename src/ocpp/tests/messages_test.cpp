#include <gtest/gtest.h>

#include <set>

#include "ocpp/tests/random_message.hpp"
#include "ocpp/v16/messages.hpp"

namespace tianqu::ocpp::v16 {
namespace {

std::expected<Reading<Request>, Refusal> read(std::string_view action, std::string_view json,
                                              Validation validation = Validation::tolerant) {
    JsonDocument document;
    const auto payload = document.parse(json);
    EXPECT_TRUE(payload.has_value()) << json;
    return read_request(*find_action(action), **payload, validation);
}

template <class Message>
Message message(const std::expected<Reading<Request>, Refusal>& reading) {
    EXPECT_TRUE(reading.has_value()) << (reading ? "" : reading.error().text());
    return reading ? std::get<Message>(reading->message) : Message{};
}

std::set<std::pair<std::string, Problem>> flags_of(const std::expected<Reading<Request>, Refusal>& reading) {
    std::set<std::pair<std::string, Problem>> flags;
    if (reading) {
        for (const auto& flag : reading->flags) flags.emplace(flag.field, flag.problem);
    }
    return flags;
}

using Flags = std::set<std::pair<std::string, Problem>>;

TEST(Messages, AllTwentyEightActionsAreKnownByName) {
    EXPECT_EQ(action_count, 28u);
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < action_count; ++i) {
        const auto name = action_name(static_cast<Action>(i));
        names.insert(name);
        EXPECT_EQ(find_action(name), static_cast<Action>(i));
    }
    EXPECT_EQ(names.size(), action_count);
    EXPECT_FALSE(find_action("bootnotification"));
    EXPECT_TRUE(known_elsewhere("SignCertificate"));
    EXPECT_FALSE(known_elsewhere("MakeCoffee"));
}

template <class Message, class Reader>
void expect_round_trip(const Message& message, Reader reader) {
    ASSERT_FALSE(check(message).has_value()) << write_payload(message) << "\n" << check(message)->text();
    const std::string json = write_payload(message);
    for (const auto validation : {Validation::strict, Validation::tolerant}) {
        JsonDocument document;
        const auto back = reader(action_of(message), **document.parse(json), validation);
        ASSERT_TRUE(back.has_value()) << json << "\n" << back.error().text();
        ASSERT_TRUE(back->message == message) << json << "\n" << write_payload(back->message);
        ASSERT_TRUE(back->flags.empty()) << json;
    }
}

TEST(Messages, WhatIsWrittenReadsBackTheSame) {
    for (std::size_t index = 0; index < action_count; ++index) {
        for (std::uint64_t seed = 0; seed < 300; ++seed) {
            testing::RandomMessage random(seed * 100 + index);
            expect_round_trip(random.make_one<Request>(index),
                              [](Action action, const JsonValue& payload, Validation validation) {
                                  return read_request(action, payload, validation);
                              });
            expect_round_trip(random.make_one<Response>(index),
                              [](Action action, const JsonValue& payload, Validation validation) {
                                  return read_response(action, payload, validation);
                              });
            if (::testing::Test::HasFatalFailure()) return;
        }
    }
}

TEST(Messages, StrictRefusesWithTheStandardsCodes) {
    const auto code = [](std::string_view action, std::string_view json) {
        const auto reading = read(action, json, Validation::strict);
        EXPECT_FALSE(reading.has_value()) << json;
        return reading ? std::string_view{} : enum_name(reading.error().code);
    };
    EXPECT_EQ(code("Authorize", R"({})"), "OccurenceConstraintViolation");
    EXPECT_EQ(code("Authorize", R"({"idTag":5})"), "TypeConstraintViolation");
    EXPECT_EQ(code("Authorize", R"({"idTag":"123456789012345678901"})"), "PropertyConstraintViolation");
    EXPECT_EQ(code("Authorize", R"({"idTag":"1","more":1})"), "FormationViolation");
    EXPECT_EQ(code("Authorize", R"({"idTag":"1","idTag":"2"})"), "FormationViolation");
    EXPECT_EQ(code("Reset", R"({"type":"hard"})"), "PropertyConstraintViolation");
    EXPECT_EQ(code("Heartbeat", "null"), "TypeConstraintViolation");
    EXPECT_EQ(code("ReserveNow", R"({"connectorId":1,"expiryDate":"tomorrow","idTag":"A","reservationId":1})"),
              "PropertyConstraintViolation");
}

TEST(Messages, LengthIsCountedInCharacters) {
    EXPECT_TRUE(read("Authorize", R"({"idTag":"德州德州德州德州德州德州德州德州德州德州"})", Validation::strict));
    EXPECT_FALSE(read("Authorize", R"({"idTag":"德州德州德州德州德州德州德州德州德州德州市"})", Validation::strict));
}

TEST(Messages, AStopIsNeverLostToItsUnimportantFields) {
    const auto reading = read("StopTransaction", R"({"meterStop":"12345.6","timestamp":"yesterday","transactionId":7.0,
        "reason":"Bored","idTag":5,"transactionData":[{"timestamp":"2026-11-23T12:00:00Z","sampledValue":[{"value":5},{}]},
        "nonsense"],"vendor":{"x":1}})");
    const auto stop = message<StopTransactionRequest>(reading);
    EXPECT_EQ(stop.meter_stop, 12346);
    EXPECT_EQ(stop.transaction_id, 7);
    EXPECT_FALSE(stop.timestamp.usable);
    EXPECT_EQ(stop.reason, StopReason::unrecognised);
    EXPECT_EQ(stop.id_tag, IdTag{"5"});
    ASSERT_TRUE(stop.transaction_data.has_value());
    ASSERT_EQ(stop.transaction_data->size(), 1u);
    EXPECT_EQ(stop.transaction_data->front().sampled_value.size(), 1u);
    EXPECT_EQ(flags_of(reading), (Flags{{"meterStop", Problem::wrong_type},
                                        {"meterStop", Problem::rounded},
                                        {"timestamp", Problem::bad_format},
                                        {"reason", Problem::unknown_value},
                                        {"idTag", Problem::wrong_type},
                                        {"transactionData[0].sampledValue[0].value", Problem::wrong_type},
                                        {"transactionData[0].sampledValue[1].value", Problem::missing},
                                        {"transactionData[1]", Problem::wrong_type},
                                        {"vendor", Problem::unknown_field}}));
}

TEST(Messages, WhatLeavesABillWithoutMeaningIsRefused) {
    const auto refused = [](std::string_view action, std::string_view json) {
        const auto reading = read(action, json);
        return reading ? std::string("accepted")
                       : reading.error().field + " " + std::string(enum_name(reading.error().code));
    };
    EXPECT_EQ(refused("StartTransaction", R"({"idTag":"A","meterStart":0,"timestamp":"2026-11-23T12:00:00Z"})"),
              "connectorId OccurenceConstraintViolation");
    EXPECT_EQ(refused("StartTransaction", R"({"connectorId":"one","idTag":"A","meterStart":0})"),
              "connectorId TypeConstraintViolation");
    EXPECT_EQ(refused("StopTransaction", R"({"transactionId":1})"), "meterStop OccurenceConstraintViolation");
    EXPECT_EQ(refused("StartTransaction", R"({"connectorId":1,"meterStart":0})"), "accepted");
    EXPECT_EQ(refused("MeterValues", R"({"connectorId":1,"meterValue":"none"})"), "meterValue TypeConstraintViolation");
}

TEST(Messages, WrongTypesElsewhereGetTheStandardsError) {
    const auto code = [](std::string_view action, std::string_view json) {
        const auto reading = read(action, json);
        return reading ? std::string_view("accepted") : enum_name(reading.error().code);
    };
    EXPECT_EQ(code("BootNotification", R"({"chargePointVendor":1,"chargePointModel":"M"})"), "TypeConstraintViolation");
    EXPECT_EQ(code("BootNotification", R"({"chargePointVendor":"V"})"), "OccurenceConstraintViolation");
    EXPECT_EQ(code("StatusNotification", R"({"connectorId":{},"errorCode":"NoError","status":"Available"})"),
              "TypeConstraintViolation");
    EXPECT_EQ(code("StatusNotification", R"({"connectorId":1,"errorCode":"NoError","status":"Sleeping"})"),
              "PropertyConstraintViolation");
    EXPECT_EQ(code("StatusNotification", R"({"connectorId":"1","errorCode":"Odd","status":"available","info":null})"),
              "accepted");
    EXPECT_EQ(code("Heartbeat", "null"), "accepted");
    EXPECT_EQ(code("Heartbeat", R"({"x":1})"), "accepted");
}

TEST(Messages, TolerantReadingFlagsAndKeeps) {
    const auto reading = read("BootNotification", R"({"ChargePointVendor":"V","chargePointModel":"M",
        "firmwareVersion":"123456789012345678901234567890123456789012345678901","iccid":null,"imsi":"1","imsi":"2"})");
    const auto boot = message<BootNotificationRequest>(reading);
    EXPECT_EQ(boot.charge_point_vendor, "V");
    EXPECT_EQ(boot.firmware_version->size(), 51u);
    EXPECT_EQ(boot.imsi, Text<20>{"2"});
    EXPECT_FALSE(boot.iccid.has_value());
    EXPECT_EQ(flags_of(reading), (Flags{{"ChargePointVendor", Problem::name_case},
                                        {"firmwareVersion", Problem::too_long},
                                        {"iccid", Problem::wrong_type},
                                        {"imsi", Problem::repeated}}));
}

TEST(Messages, FlagsHaveALimit) {
    std::string json = R"({"idTag":"A")";
    for (int i = 0; i < 100; ++i) json += ",\"x" + std::to_string(i) + "\":1";
    const auto reading = read("Authorize", json + "}");
    ASSERT_TRUE(reading.has_value());
    ASSERT_EQ(reading->flags.size(), flag_limit);
    EXPECT_EQ(reading->flags.back().problem, Problem::too_many);
}

TEST(Messages, AMessageOfOursThatTheSchemaForbidsIsFound) {
    const auto refusal = check(Request{AuthorizeRequest{IdTag{"123456789012345678901"}}});
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->field, "idTag");
    EXPECT_TRUE(check(Response{HeartbeatResponse{}}).has_value()) << "a time is missing";
    EXPECT_FALSE(check(Response{HeartbeatResponse{Timestamp{TimePoint{}}}}).has_value());
}

TEST(Messages, APersonsPayloadErrorNamesFieldValueAndExpectation) {
    const auto request =
        read_request("SetChargingProfile", R"({"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,
        "stackLevel":0,"chargingProfilePurpose":"TxProfil","chargingProfileKind":"Absolute","chargingSchedule":
        {"chargingRateUnit":"W","chargingSchedulePeriod":[]}}})");
    ASSERT_FALSE(request.has_value());
    EXPECT_EQ(request.error().field("field"), "csChargingProfiles.chargingProfilePurpose");
    EXPECT_EQ(request.error().field("value"), "\"TxProfil\"");
    EXPECT_EQ(request.error().field("expected"), "one of ChargePointMaxProfile, TxDefaultProfile, TxProfile");
    EXPECT_EQ(read_request("Dance", "{}").error().code, ErrorCode::unsupported);
    EXPECT_EQ(read_request("Reset", "{").error().code, ErrorCode::invalid_input);
    EXPECT_TRUE(read_request("ClearCache", "").has_value());
}

}  // namespace
}  // namespace tianqu::ocpp::v16
