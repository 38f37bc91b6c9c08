#include "tests/kill/fleet.hpp"

#include <random>

#include "app/server/tests/test_clients.hpp"
#include "base/time.hpp"

namespace tianqu::test {

namespace {

/// Ends a charger's thread when the test has failed and no server will come back.
struct GivenUp {};

std::string time_text(std::chrono::system_clock::time_point time) {
    return format_time(std::chrono::floor<Milliseconds>(time));
}

}  // namespace

class Fleet::Charger {
public:
    Charger(Fleet& fleet, int number, std::uint64_t seed)
        : fleet_(fleet), id_("K" + std::to_string(number)), random_(seed + static_cast<std::uint64_t>(number)) {}

    void run() {
        try {
            while (!fleet_.finishing_) do_session();
        } catch (const GivenUp&) {
        }
    }

private:
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
    }

    /// Connected and booted; waits while there is no server.
    void ensure_connected() {
        while (!client_.open()) {
            if (fleet_.given_up_) throw GivenUp{};
            const std::uint16_t port = fleet_.port_;
            if (port == 0 || !client_.connect(port, id_)) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                continue;
            }
            (void)client_.call("BootNotification", R"({"chargePointVendor":"V","chargePointModel":"M"})");
        }
    }

    /// Until it is confirmed.
    json::object deliver(const std::string& action, const std::string& payload) {
        for (bool first = true;; first = false) {
            ensure_connected();
            if (!first) ++fleet_.repeated_;
            const auto answer = client_.call(action, payload);
            if (!answer) continue;
            if (!answer->error.empty()) fleet_.complain(id_ + " " + action + ": " + answer->error);
            ++fleet_.confirmed_;
            return answer->payload;
        }
    }

    void do_session() {
        SentSession session{.charger = id_, .token = id_ + "-" + std::to_string(++sessions_)};
        session.meter_start_wh = register_wh_ += between(0, 50);
        const auto started =
            deliver("StartTransaction", R"({"connectorId":1,"idTag":")" + session.token + R"(","meterStart":)" +
                                            std::to_string(register_wh_) + R"(,"timestamp":")" + next_time() + R"("})");
        session.id = started.at("transactionId").as_int64();
        for (auto left = between(0, 5); left > 0; --left) {
            register_wh_ += between(1, 300);
            (void)deliver("MeterValues", R"({"connectorId":1,"transactionId":)" + std::to_string(session.id) +
                                             R"(,"meterValue":[{"timestamp":")" + next_time() +
                                             R"(","sampledValue":[{"value":")" + std::to_string(register_wh_) +
                                             R"("}]}]})");
            session.registers_wh.push_back(register_wh_);
        }
        session.meter_stop_wh = register_wh_ += between(0, 300);
        (void)deliver("StopTransaction", R"({"transactionId":)" + std::to_string(session.id) + R"(,"meterStop":)" +
                                             std::to_string(register_wh_) + R"(,"timestamp":")" + next_time() +
                                             R"(","reason":"Local"})");
        session.stopped = true;
        const std::lock_guard lock(fleet_.mutex_);
        fleet_.sessions_.push_back(std::move(session));
    }

    /// A charger's clock never shows the same time twice.
    std::string next_time() {
        time_ = std::max(time_ + std::chrono::milliseconds(1), std::chrono::system_clock::now());
        return time_text(time_);
    }

    Fleet& fleet_;
    std::string id_;
    std::mt19937_64 random_;
    OcppClient client_;
    std::int64_t sessions_ = 0;
    std::int64_t register_wh_ = 1'000;
    std::chrono::system_clock::time_point time_;
};

Fleet::Fleet(int chargers, std::uint64_t seed) {
    for (int number = 1; number <= chargers; ++number)
        threads_.emplace_back([this, number, seed] { Charger(*this, number, seed).run(); });
}

Fleet::~Fleet() {
    given_up_ = true;
    (void)finish();
}

std::vector<SentSession> Fleet::finish() {
    finishing_ = true;
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
    const std::lock_guard lock(mutex_);
    return sessions_;
}

std::vector<std::string> Fleet::complaints() {
    const std::lock_guard lock(mutex_);
    return complaints_;
}

void Fleet::complain(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (complaints_.size() < 20) complaints_.push_back(text);
}

}  // namespace tianqu::test
