#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tianqu::test {

/// A session as its charger knows it: what it sent and what the server confirmed.
struct SentSession {
    std::string charger;
    std::string token;    ///< different for every session
    std::int64_t id = 0;  ///< as confirmed
    std::int64_t meter_start_wh = 0;
    std::vector<std::int64_t> registers_wh;  ///< of the meter values confirmed
    std::int64_t meter_stop_wh = 0;
    bool stopped = false;  ///< the stop was confirmed
};

/// Chargers that do one session after the other and behave as OCPP 1.6 §3.7 wants: a transactional message stays at the
/// head of the charger's queue and is sent again, unchanged, until it is confirmed, however often the server goes away.
class Fleet {
public:
    Fleet(int chargers, std::uint64_t seed);
    ~Fleet();

    /// Where the server listens now; 0: nowhere.
    void set_port(std::uint16_t port) { port_ = port; }
    /// Transactional messages confirmed so far.
    [[nodiscard]] std::int64_t confirmed() const { return confirmed_; }
    /// Messages that had to be sent again.
    [[nodiscard]] std::int64_t repeated() const { return repeated_; }
    /// Every charger ends the session it is in, then all stop.
    [[nodiscard]] std::vector<SentSession> finish();
    /// What no charger may see: an id that changed, an answer with an error.
    [[nodiscard]] std::vector<std::string> complaints();

private:
    class Charger;

    void complain(const std::string& text);

    std::atomic<std::uint16_t> port_{0};
    std::atomic<std::int64_t> confirmed_{0};
    std::atomic<std::int64_t> repeated_{0};
    std::atomic<bool> finishing_{false};
    std::atomic<bool> given_up_{false};
    std::mutex mutex_;
    std::vector<SentSession> sessions_;
    std::vector<std::string> complaints_;
    std::vector<std::thread> threads_;
};

}  // namespace tianqu::test
