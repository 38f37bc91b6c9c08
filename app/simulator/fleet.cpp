#include "app/simulator/fleet.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <future>
#include <queue>
#include <thread>

#include <fmt/format.h>
#include "app/simulator/client.hpp"
#include "base/log.hpp"
#include "simulation/charger.hpp"

namespace tianqu::simulator {

namespace asio = boost::asio;
using boost::system::error_code;
using simulation::LinkWish;
using simulation::VirtualCharger;

namespace {

/// Waiting times of a charger are clock time; on a fast clock they must not shrink below what a machine needs.
Milliseconds at_least(Milliseconds usual, std::chrono::milliseconds machine, double speed) {
    return std::max(usual, Milliseconds{static_cast<std::int64_t>(static_cast<double>(machine.count()) * speed)});
}

double speed_of(const ports::Clock& clock) {
    const Milliseconds hour{3'600'000};
    const auto machine = std::chrono::duration<double, std::milli>(clock.machine_time(hour)).count();
    return machine > 0 ? static_cast<double>(hour.count()) / machine : 1.0;
}

std::string percent_encoded(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isalnum(byte) != 0 || std::string_view("-._~:@").find(letter) != std::string_view::npos) {
            result += letter;
        } else {
            result += fmt::format("%{:02X}", byte);
        }
    }
    return result;
}

/// A socket a charger: the usual limit of 1,024 files is soon reached.
void allow_many_files(std::size_t sockets) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= 2 * sockets + 200) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct Fleet::Impl final : Client::Owner {
    struct Slot {
        VirtualCharger charger;
        grid::NodeIndex station;
        std::shared_ptr<Client> client;
        bool open = false;
        TimePoint scheduled;
    };
    using Due = std::pair<TimePoint, std::size_t>;

    Impl(FleetOptions with, grid::Network net, const ports::Clock& with_clock)
        : options(std::move(with)), network(std::move(net)), clock(with_clock), timer(context) {}

    [[nodiscard]] TimePoint now() {
        last_now = std::max(last_now, clock.now());
        return last_now;
    }
    void make_chargers();
    void tick();
    void service(std::size_t index, TimePoint at);
    void settle(std::size_t index, TimePoint at);
    void open_waiting();
    void finish();
    void on_open(std::size_t charger) override;
    void on_frame(std::size_t charger, std::string_view text) override;
    void on_closed(std::size_t charger) override;
    [[nodiscard]] simulation::Truth collect();
    [[nodiscard]] FleetCounts count();
    template <class Look>
    auto look(Look look) {
        if (!running) return look();
        std::promise<decltype(look())> answer;
        auto future = answer.get_future();
        asio::post(context, [&] { answer.set_value(look()); });
        return future.get();
    }

    FleetOptions options;
    grid::Network network;
    const ports::Clock& clock;
    asio::io_context context{1};
    asio::steady_timer timer;
    asio::ip::tcp::endpoint endpoint;
    std::vector<Slot> slots;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
    std::deque<std::size_t> to_open;
    std::thread thread;
    bool running = false;
    bool finished = false;
    TimePoint started;
    TimePoint last_now;
    FleetCounts counters;
};

void Fleet::Impl::make_chargers() {
    started = last_now = clock.now();
    const double speed = speed_of(clock);
    slots.reserve(network.charger_count());
    for (grid::ChargerIndex index = 0; index < network.charger_count(); ++index) {
        const grid::ChargerSite& site = network.charger(index);
        if (site.connectors.empty()) continue;
        simulation::ChargerOptions charger;
        charger.site = site;
        charger.kind = network.node(network.node_of(index)).station_kind;
        charger.visits.seed = options.seed;
        charger.visits.offset = options.offset;
        charger.start = started;
        charger.meter_interval = options.meter_interval;
        charger.call_timeout = at_least(charger.call_timeout, std::chrono::seconds{15}, speed);
        charger.reconnect_first = at_least(charger.reconnect_first, std::chrono::seconds{1}, speed);
        charger.reconnect_most = at_least(charger.reconnect_most, std::chrono::seconds{20}, speed);
        charger.trouble_permille = static_cast<std::int64_t>(std::clamp(options.faults, 0.0, 1.0) * 1000.0 + 0.5);
        slots.push_back({VirtualCharger(std::move(charger)), network.node_of(index), nullptr, false, started});
        due.emplace(started, slots.size() - 1);
    }
    counters.chargers = slots.size();
}

void Fleet::Impl::tick() {
    const TimePoint at = now();
    while (!due.empty() && due.top().first <= at) {
        const auto [when, index] = due.top();
        due.pop();
        if (slots[index].scheduled != when) continue;  // it was scheduled anew since
        slots[index].scheduled = TimePoint::min();
        service(index, at);
    }
    open_waiting();
    if (options.on_tick) options.on_tick();
    timer.expires_after(options.tick);
    timer.async_wait([this](error_code error) {
        if (!error && !finished) tick();
    });
}

void Fleet::Impl::service(std::size_t index, TimePoint at) {
    slots[index].charger.advance(at);
    settle(index, at);
}

void Fleet::Impl::settle(std::size_t index, TimePoint at) {
    Slot& slot = slots[index];
    for (std::string& frame : slot.charger.take_frames()) {
        if (!slot.open) continue;
        ++counters.frames_sent;
        slot.client->send(std::move(frame));
    }
    switch (slot.charger.take_link_wish()) {
        case LinkWish::none:
            break;
        case LinkWish::open:
            to_open.push_back(index);
            break;
        case LinkWish::close:
            if (slot.client) slot.client->close();
            slot.client.reset();
            counters.connected -= slot.open;
            slot.open = false;
            std::erase(to_open, index);
            slot.charger.disconnected(at);
            break;
    }
    const TimePoint next = slot.charger.next_due();
    if (next == slot.scheduled) return;
    slot.scheduled = next;
    due.emplace(next, index);
}

void Fleet::Impl::open_waiting() {
    for (std::size_t opened = 0; opened < options.connects_per_tick && !to_open.empty(); ++opened) {
        const std::size_t index = to_open.front();
        to_open.pop_front();
        Slot& slot = slots[index];
        slot.client = Client::open(context, *this, index, endpoint, fmt::format("{}:{}", options.host, options.port),
                                   options.path + "/" + percent_encoded(slot.charger.site().id.value));
    }
}

void Fleet::Impl::on_open(std::size_t charger) {
    slots[charger].open = true;
    ++counters.connected;
    const TimePoint at = now();
    slots[charger].charger.connected(at);
    settle(charger, at);
}

void Fleet::Impl::on_frame(std::size_t charger, std::string_view text) {
    ++counters.frames_received;
    const TimePoint at = now();
    slots[charger].charger.received(text, at);
    settle(charger, at);
}

void Fleet::Impl::on_closed(std::size_t charger) {
    Slot& slot = slots[charger];
    counters.connected -= slot.open;
    counters.connections_lost += slot.open;
    slot.open = false;
    slot.client.reset();
    const TimePoint at = now();
    slot.charger.disconnected(at);
    settle(charger, at);
}

void Fleet::Impl::finish() {
    const TimePoint at = now();
    finished = true;
    timer.cancel();
    for (Slot& slot : slots) {
        slot.charger.advance(at);
        if (slot.client) slot.client->close();
        slot.client.reset();
        slot.open = false;
    }
    counters.connected = 0;
}

simulation::Truth Fleet::Impl::collect() {
    simulation::Truth truth;
    const TimePoint at = finished ? last_now : now();
    truth.start = started;
    truth.end = std::min(at, started + simulation::most_recorded);
    truth.truncated = truth.end < at;
    truth.station_slots.resize(network.node_count());
    for (std::size_t index = 0; index < slots.size(); ++index) {
        Slot& slot = slots[index];
        if (!finished) service(index, at);
        auto& sums = truth.station_slots[slot.station];
        const auto& energies = slot.charger.slots();
        if (sums.size() < energies.size()) sums.resize(energies.size());
        for (std::size_t i = 0; i < energies.size(); ++i) sums[i] += energies[i];
        for (auto& record : slot.charger.visits()) truth.visits.push_back(std::move(record));
    }
    return truth;
}

FleetCounts Fleet::Impl::count() {
    FleetCounts result = counters;
    const TimePoint at = finished ? last_now : now();
    for (const Slot& slot : slots) {
        const auto counts = slot.charger.counts(at);
        result.plugged += counts.plugged;
        result.charging += counts.charging;
        result.power_w += counts.power.count;
        result.messages_dropped += counts.dropped;
        result.messages_waiting += counts.waiting;
    }
    return result;
}

Fleet::Fleet(FleetOptions options, grid::Network network, const ports::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(network), clock)) {}

Fleet::~Fleet() { stop(); }

Status Fleet::start() {
    if (impl_->running || impl_->finished)
        return fail(ErrorCode::conflict, "车队已启动过 / the fleet was started before");
    error_code error;
    asio::ip::tcp::resolver resolver(impl_->context);
    const auto found = resolver.resolve(impl_->options.host, std::to_string(impl_->options.port), error);
    if (error || found.empty()) {
        return fail(Error{ErrorCode::unavailable, "找不到主机 / host not found", {{"host", impl_->options.host}}});
    }
    impl_->endpoint = *found.begin();
    allow_many_files(impl_->network.charger_count());
    impl_->make_chargers();
    impl_->running = true;
    asio::post(impl_->context, [impl = impl_.get()] { impl->tick(); });
    impl_->thread = std::thread([impl = impl_.get()] { impl->context.run(); });
    log_event(LogLevel::info, "fleet_started",
              {{"chargers", std::to_string(impl_->slots.size())},
               {"host", impl_->options.host},
               {"port", std::to_string(impl_->options.port)}});
    return {};
}

void Fleet::stop() {
    if (!impl_->running) return;
    asio::post(impl_->context, [impl = impl_.get()] { impl->finish(); });
    impl_->thread.join();
    impl_->running = false;
    log_event(LogLevel::info, "fleet_stopped", {{"frames_sent", std::to_string(impl_->counters.frames_sent)}});
}

const grid::Network& Fleet::network() const { return impl_->network; }
FleetCounts Fleet::counts() const {
    return impl_->look([this] { return impl_->count(); });
}
simulation::Truth Fleet::truth() const {
    return impl_->look([this] { return impl_->collect(); });
}

Result<simulation::Report> Fleet::report(
    double speed, const std::function<const tariff::Tariff&(grid::StationKind)>& tariff_of) const {
    const simulation::Truth seen = truth();
    return simulation::make_report({.network = impl_->network,
                                    .truth = seen,
                                    .offset = impl_->options.offset,
                                    .seed = impl_->options.seed,
                                    .speed = speed,
                                    .tariff_of = tariff_of});
}

}  // namespace tianqu::simulator
