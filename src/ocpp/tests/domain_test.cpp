#include "ocpp/v16_domain.hpp"

#include <gtest/gtest.h>

#include "ocpp/tests/random_message.hpp"
#include "ocpp/v16/composite_schedule.hpp"

namespace tianqu::ocpp::v16 {
namespace {

using namespace std::chrono_literals;

const TimePoint noon = *parse_time("2026-11-23T12:00:00Z");

template <class Message = MeterValuesRequest>
Message request_of(std::string_view json) {
    JsonDocument document;
    auto reading = read_request(*find_action(Message::action), **document.parse(json), Validation::tolerant);
    EXPECT_TRUE(reading.has_value());
    return std::get<Message>(reading->message);
}

std::vector<charging::MeterSample> samples_of(std::string_view sampled_values) {
    const auto request =
        request_of(R"({"connectorId":1,"meterValue":[{"timestamp":"2026-11-23T12:00:00Z","sampledValue":[)" +
                   std::string(sampled_values) + "]}]}");
    return to_samples(request.meter_value, noon + 5s);
}

TEST(Samples, EnergyIsExactWhateverItsUnit) {
    EXPECT_EQ(samples_of(R"({"value":"12345"})").at(0).energy_register, WattHours{12345});
    EXPECT_EQ(samples_of(R"({"value":"12.345","unit":"kWh"})").at(0).energy_register, WattHours{12345});
    EXPECT_EQ(samples_of(R"({"value":"12.3456","unit":"kWh"})").at(0).energy_register, WattHours{12346});
    EXPECT_EQ(samples_of(R"({"value":"9007199254.993","unit":"kWh"})").at(0).energy_register, WattHours{9007199254993});
    EXPECT_EQ(
        samples_of(R"({"value":"0.4","measurand":"Energy.Active.Import.Register","unit":"Wh"})").at(0).energy_register,
        WattHours{0});
}

TEST(Samples, WhatIsNoReadingIsLeftOut) {
    EXPECT_TRUE(samples_of(R"({"value":"5","unit":"A"})").empty());
    EXPECT_TRUE(samples_of(R"({"value":"5","unit":"furlong"})").empty());
    EXPECT_TRUE(samples_of(R"({"value":"5","measurand":"Vendor.Special"})").empty()) << "never the default register";
    EXPECT_TRUE(samples_of(R"({"value":"many"})").empty());
    EXPECT_TRUE(samples_of(R"({"value":"-1"})").empty());
    EXPECT_TRUE(samples_of(R"({"value":"1e18"})").empty());
    EXPECT_TRUE(samples_of(R"({"value":"OCMF|{}","format":"SignedData"})").empty());
    EXPECT_TRUE(samples_of(R"({"value":"5","measurand":"Energy.Active.Export.Register"})").empty());
}

TEST(Samples, PhasesAreSummedUnlessATotalIsTold) {
    const auto power = samples_of(R"({"value":"1000.4","measurand":"Power.Active.Import","phase":"L1","unit":"W"},
        {"value":"1.0004","measurand":"Power.Active.Import","phase":"L2","unit":"kW"},
        {"value":"1000.4","measurand":"Power.Active.Import","phase":"L3","unit":"W"})");
    EXPECT_EQ(power.at(0).power, Watts{3001});
    const auto both = samples_of(R"({"value":"7.36","measurand":"Power.Active.Import","unit":"kW"},
        {"value":"2","measurand":"Power.Active.Import","phase":"L1","unit":"kW"})");
    EXPECT_EQ(both.at(0).power, Watts{7360});
    const auto current = samples_of(R"({"value":"15.9","measurand":"Current.Import","phase":"L1","unit":"A"},
        {"value":"16.1","measurand":"Current.Import","phase":"L2","unit":"A"},
        {"value":"30","measurand":"Current.Import","phase":"N","unit":"A"})");
    EXPECT_EQ(current.at(0).current_ma, 16'100);
}

TEST(Samples, TheOtherQuantities) {
    const auto sample = samples_of(R"({"value":"230.1","measurand":"Voltage","phase":"L1-N","unit":"V"},
        {"value":"400","measurand":"Voltage","phase":"L1-L2","unit":"V"},
        {"value":"80.5","measurand":"SoC","unit":"Percent","location":"EV"},
        {"value":"300","measurand":"Temperature","unit":"K"},
        {"value":"11","measurand":"Power.Offered","unit":"kW"},
        {"value":"100","location":"Inlet"},{"value":"90"})")
                            .at(0);
    EXPECT_EQ(sample.voltage_mv, 230'100);
    EXPECT_EQ(sample.state_of_charge, Permille{805});
    EXPECT_EQ(sample.temperature_mc, 26'850);
    EXPECT_EQ(sample.offered, Watts{11'000});
    EXPECT_EQ(sample.energy_register, WattHours{90});
    EXPECT_EQ(sample.claimed, noon);
}

TEST(Samples, ContextsUnderOneTimeStaySeparate) {
    const auto samples =
        samples_of(R"({"value":"100","context":"Transaction.Begin"},{"value":"900","context":"Transaction.End"})");
    ASSERT_EQ(samples.size(), 2u);
    EXPECT_EQ(samples[0].context, "Transaction.Begin");
    EXPECT_EQ(samples[1].energy_register, WattHours{900});
}

TEST(Samples, NoContextIsPeriodic) {
    const auto samples = samples_of(R"({"value":"100","context":"Sample.Periodic"},
        {"value":"7","measurand":"Power.Active.Import","unit":"kW"})");
    ASSERT_EQ(samples.size(), 1u);
    EXPECT_EQ(samples[0].energy_register, WattHours{100});
    EXPECT_EQ(samples[0].power, Watts{7000});
    EXPECT_EQ(samples[0].context, "");
}

TEST(Domain, ARequestBecomesADomainMessage) {
    const auto stop =
        to_domain(request_of<StopTransactionRequest>(
                      R"({"transactionId":7,"meterStop":5000,"timestamp":"bad","reason":"EVDisconnected"})"),
                  "", noon);
    ASSERT_TRUE(stop.has_value());
    const auto& message = std::get<charging::StopTransaction>(*stop);
    EXPECT_EQ(message.session, SessionId{7});
    EXPECT_EQ(message.meter_stop, WattHours{5000});
    EXPECT_EQ(message.claimed, noon) << "an unusable time is the time of receipt";
    EXPECT_EQ(message.reason, "EVDisconnected");

    const auto nowhere =
        to_domain(request_of<StartTransactionRequest>(R"({"connectorId":0,"idTag":"A","meterStart":0})"), "", noon);
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_EQ(nowhere.error().code, CallErrorCode::property_constraint_violation);
    EXPECT_FALSE(to_domain(ResetRequest{}, "", noon).has_value());

    const auto one = to_domain(request_of(R"({"connectorId":1,"meterValue":[]})"), "a", noon);
    const auto two = to_domain(request_of(R"({"connectorId":1,"meterValue":[]})"), "b", noon);
    EXPECT_NE(std::get<charging::MeterValues>(*one).content_hash, std::get<charging::MeterValues>(*two).content_hash);
}

TEST(Domain, ADriversWishComesAsDataTransfer) {
    const auto transfer = [](std::string data) {
        return to_domain(DataTransferRequest{.vendor_id = Text<255>{"tianqu"},
                                             .message_id = Text<50>{"DriverTarget"},
                                             .data = AnyText{std::move(data)}},
                         "", noon);
    };
    const auto wish =
        transfer(R"({"transactionId":3,"departure":"2026-11-23T18:00:00Z","energyWh":20000,"chargeNow":true})");
    ASSERT_TRUE(wish.has_value());
    const auto& target = std::get<charging::DriverTarget>(*wish);
    EXPECT_EQ(target.session, SessionId{3});
    EXPECT_EQ(target.departure, noon + 6h);
    EXPECT_EQ(target.energy, WattHours{20'000});
    EXPECT_TRUE(target.charge_now);
    EXPECT_FALSE(transfer("{}").has_value());
    EXPECT_FALSE(transfer("[").has_value());
    EXPECT_FALSE(transfer(R"({"transactionId":3,"departure":"soon"})").has_value());
}

TEST(Domain, RepliesBecomeValidResponses) {
    const charging::TokenVerdict verdict{charging::Verdict::accepted, noon, TokenId{"A-GROUP-NAME-FAR-TOO-LONG"}};
    const std::pair<Action, charging::Reply> replies[] = {
        {Action::authorize, charging::AuthorizeReply{verdict}},
        {Action::boot_notification, charging::BootReply{charging::Registration::held, noon, 300s}},
        {Action::heartbeat, charging::HeartbeatReply{noon}},
        {Action::start_transaction, charging::StartReply{SessionId{5}, verdict}},
        {Action::stop_transaction, charging::StopReply{verdict}},
        {Action::stop_transaction, charging::StopReply{}},
        {Action::meter_values, charging::EmptyReply{}},
        {Action::status_notification, charging::EmptyReply{}},
        {Action::data_transfer, charging::VendorDataReply{false, false, ""}},
        {Action::data_transfer, charging::EmptyReply{}},
        {Action::firmware_status_notification, charging::EmptyReply{}},
        {Action::diagnostics_status_notification, charging::EmptyReply{}}};
    for (const auto& [action, reply] : replies) {
        const auto response = to_response(action, reply);
        EXPECT_EQ(action_of(response), action);
        EXPECT_FALSE(check(response).has_value()) << write_payload(response);
    }
    EXPECT_EQ(write_payload(to_response(Action::boot_notification, replies[1].second)),
              R"({"status":"Pending","currentTime":"2026-11-23T12:00:00.000Z","interval":300})");
    EXPECT_EQ(write_payload(to_response(Action::data_transfer, replies[8].second)), R"({"status":"UnknownVendorId"})");
}

dispatch::Schedule random_schedule(testing::RandomMessage& random) {
    dispatch::Schedule schedule{.start = noon + Milliseconds{random.below(7'200'000) - 3'600'000},
                                .duration = Milliseconds{random.below(86'400'000)},
                                .fallback = Watts{random.below(3000)}};
    std::int64_t offset = 0;
    for (auto steps = 1 + random.below(40); steps > 0; --steps) {
        schedule.steps.push_back({Milliseconds{offset}, Watts{random.below(60'000)}});
        offset += 1 + random.below(random.chance(20) ? 1500 : 1'800'000);
    }
    return schedule;
}

/// What is sent, installed in a charger and read back, permits at no instant more than the domain meant.
TEST(Domain, AProfileNeverExceedsItsSchedule) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        testing::RandomMessage random(seed);
        const auto schedule = random_schedule(random);
        const ProfileDialect dialect{.unit = random.chance(50) ? RateUnit::watts : RateUnit::amperes,
                                     .phases = random.chance(50) ? 3 : 1,
                                     .max_periods = 1 + static_cast<int>(random.below(60))};
        const auto profile = to_profile(schedule, ConnectorNumber{1}, SessionId{9}, dialect, noon);
        EXPECT_FALSE(check(Request{SetChargingProfileRequest{1, profile}}).has_value());
        EXPECT_LE(profile.charging_schedule.charging_schedule_period.size(),
                  static_cast<std::size_t>(dialect.max_periods));
        CompositeSchedule charger({.max_periods = 60});
        charger.transaction_started(1, 9, noon);
        ASSERT_EQ(charger.install(1, profile, noon), ChargingProfileStatus::accepted);
        for (int i = 0; i < 300; ++i) {
            const TimePoint time = noon + Milliseconds{random.below(90'000'000)};
            const auto limit = charger.limit_at(1, time);
            ASSERT_TRUE(limit.has_value());
            ASSERT_LE(limit->count, schedule.limit_at(time).count) << "seed " << seed << " at " << format_time(time);
        }
    }
}

TEST(Domain, AProfileKeepsWhatFits) {
    const dispatch::Schedule schedule{
        .start = noon, .duration = 1h, .steps = {{0ms, Watts{7000}}, {30min, Watts{11'000}}}, .fallback = Watts{1400}};
    const auto in_watts = to_profile(schedule, ConnectorNumber{2}, std::nullopt, {}, noon + 5min);
    EXPECT_EQ(in_watts.charging_profile_purpose, ProfilePurpose::tx_default_profile);
    EXPECT_EQ(in_watts.charging_profile_id, 21);
    const auto& periods = in_watts.charging_schedule.charging_schedule_period;
    ASSERT_EQ(periods.size(), 3u);
    EXPECT_EQ(periods[0].limit, Decimal::whole(7000));
    EXPECT_EQ(periods[1].start_period, 25 * 60);
    EXPECT_EQ(periods[2].start_period, 55 * 60);
    EXPECT_EQ(periods[2].limit, Decimal::whole(1400));
    const auto in_amperes =
        to_profile(schedule, ConnectorNumber{2}, SessionId{4}, {.unit = RateUnit::amperes, .phases = 1}, noon);
    EXPECT_EQ(in_amperes.transaction_id, 4);
    EXPECT_EQ(in_amperes.charging_schedule.charging_schedule_period[0].limit, Decimal{30'400});  // 30.43 A
    EXPECT_EQ(in_amperes.charging_schedule.charging_schedule_period[0].number_phases, 1);
}

TEST(Domain, CommandsAndTheirAnswers) {
    const charging::CommandBody own =
        charging::ProtocolCommand{ChargerId{"c"}, "UnlockConnector", R"({"connectorId":"x"})"};
    const auto wrong = to_request(own, {}, noon);
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().field("field"), "connectorId");
    const charging::CommandBody unlock =
        charging::ProtocolCommand{ChargerId{"c"}, "UnlockConnector", R"({"connectorId":1})"};
    ASSERT_TRUE(to_request(unlock, {}, noon).has_value());

    const CommandId id{"k"};
    CompletedCall failed{.outcome = CallOutcome::answered,
                         .response = UnlockConnectorResponse{UnlockStatus::unlock_failed},
                         .payload_json = R"({"status":"UnlockFailed"})"};
    const auto answer = to_answer(id, unlock, failed);
    EXPECT_EQ(answer.outcome, charging::CommandOutcome::rejected);
    const charging::CommandBody change =
        charging::ProtocolCommand{ChargerId{"c"}, "ChangeAvailability", R"({"connectorId":1,"type":"Inoperative"})"};
    const CompletedCall later{.outcome = CallOutcome::answered,
                              .response = ChangeAvailabilityResponse{AvailabilityStatus::scheduled},
                              .payload_json = R"({"status":"Scheduled"})"};
    EXPECT_EQ(to_answer(id, change, later).outcome, charging::CommandOutcome::accepted) << "not at once, but yes";
    EXPECT_EQ(answer.status, "UnlockFailed");
    EXPECT_EQ(answer.payload, R"({"status":"UnlockFailed"})");

    const charging::CommandBody stop = charging::StopCharging{ChargerId{"c"}, SessionId{3}};
    EXPECT_EQ(std::get<RemoteStopTransactionRequest>(*to_request(stop, {}, noon)).transaction_id, 3);
    EXPECT_EQ(to_answer(id, stop, {.response = RemoteStopTransactionResponse{}}).outcome,
              charging::CommandOutcome::rejected);
    const auto error =
        to_answer(id, stop, {.outcome = CallOutcome::refused, .error_code = "NotSupported", .error_text = "no"});
    EXPECT_EQ(error.outcome, charging::CommandOutcome::error);
    EXPECT_EQ(error.payload, R"({"errorCode":"NotSupported","errorDescription":"no"})");
    EXPECT_EQ(to_answer(id, stop, {.outcome = CallOutcome::disconnected, .sent = true}).outcome,
              charging::CommandOutcome::timed_out);
    EXPECT_EQ(to_answer(id, stop, {.outcome = CallOutcome::disconnected, .sent = false}).outcome,
              charging::CommandOutcome::not_sent);
}

TEST(Domain, ADialectIsReadFromTheConfiguration) {
    GetConfigurationResponse configuration{
        .configuration_key =
            std::vector<KeyValue>{{Text<50>{"ChargingScheduleAllowedChargingRateUnit"}, true, Text<500>{"Current"}},
                                  {Text<50>{"ChargingScheduleMaxPeriods"}, true, Text<500>{"6"}},
                                  {Text<50>{"ChargeProfileMaxStackLevel"}, true, Text<500>{"many"}}}};
    const auto dialect = dialect_of(configuration, {.stack_level = 3});
    EXPECT_EQ(dialect.unit, RateUnit::amperes);
    EXPECT_EQ(dialect.max_periods, 6);
    EXPECT_EQ(dialect.stack_level, 3);
}

}  // namespace
}  // namespace tianqu::ocpp::v16
