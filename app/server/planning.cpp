#include "app/server/planning.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>

#include "app/server/runtime.hpp"
#include "base/log.hpp"
#include "dispatch/planner.hpp"

namespace tianqu::server {

namespace {

using MachineClock = std::chrono::steady_clock;

constexpr Milliseconds plan_interval = std::chrono::minutes{1};
/// Arrivals within this much machine time share one plan.
constexpr std::chrono::milliseconds coalescing{30};

orderly::Settings orderly_settings(const Runtime& runtime) {
    orderly::Settings settings;
    settings.offset = runtime.city().offset;
    settings.count_never_connected = runtime.options().count_never_connected;
    // After a start chargers need some machine time to connect again, however fast the clock runs.
    const auto reconnecting = Milliseconds{static_cast<std::int64_t>(10'000.0 * runtime.options().speed)};
    settings.alarm_delay = std::max(settings.alarm_delay, reconnecting);
    return settings;
}

/// After a start, chargers that have not connected yet take up all room: a crowd that is none, soon to be forgotten.
dispatch::OrderlyOptions planner_options() {
    dispatch::OrderlyOptions options;
    options.crowding_half_life = std::chrono::hours{2};
    return options;
}

/// Whether an event can change what should be permitted.
bool calls_for_a_plan(const charging::EventBody& body) {
    using namespace charging;
    return std::visit(
        []<class Body>(const Body&) {
            return std::is_same_v<Body, ChargerConnected> || std::is_same_v<Body, RegistrationSet> ||
                   std::is_same_v<Body, SessionStarted> || std::is_same_v<Body, SessionEnded> ||
                   std::is_same_v<Body, SessionTargetSet> || std::is_same_v<Body, ChargerBooted> ||
                   std::is_same_v<Body, TemporaryLimitSet> || std::is_same_v<Body, TemporaryLimitCleared> ||
                   std::is_same_v<Body, NodeSet> || std::is_same_v<Body, NodeRemoved> ||
                   std::is_same_v<Body, ChargerPlaced> || std::is_same_v<Body, ChargerRemoved> ||
                   std::is_same_v<Body, NetworkImported> || std::is_same_v<Body, NodeMetered> ||
                   std::is_same_v<Body, BasePriceSet>;
        },
        body);
}

}  // namespace

struct Planning::Impl {
    explicit Impl(Runtime& owner)
        : runtime(owner),
          orderly(orderly_settings(owner)),
          planner(dispatch::make_orderly_planner(planner_options())),
          soon(*owner.parts_.core) {}

    void plan_soon();
    void plan_now();
    void adopt(const std::shared_ptr<const orderly::Snapshot>& snapshot, dispatch::Plan plan, double milliseconds);
    void act();
    void act_soon();
    void send(const charging::Command& command);

    Runtime& runtime;
    orderly::Orderly orderly;
    std::unique_ptr<dispatch::Planner> planner;
    boost::asio::steady_timer soon;
    boost::asio::thread_pool worker{1};
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
    std::optional<Milliseconds> last_plan;
    PlanSummary summary;
    bool waiting = false;  // `soon` runs
    bool planning = false;
    bool wanted = false;  // while a plan was under way
    bool act_posted = false;
    bool running = false;
    bool price_problem_told = false;
};

void Planning::Impl::plan_soon() {
    if (!running || waiting) return;
    waiting = true;
    soon.expires_after(coalescing);
    soon.async_wait([this, here = alive](boost::system::error_code error) {
        if (error || !*here) return;
        waiting = false;
        plan_now();
    });
}

void Planning::Impl::plan_now() {
    if (!running) return;
    if (planning) {
        wanted = true;
        return;
    }
    planning = true;
    last_plan = runtime.clock().steady();
    auto snapshot = orderly.prepare(runtime.state(), runtime.tariff_of(grid::StationKind::public_site), runtime.now());
    if (!snapshot->price_problem.empty() && !price_problem_told) {
        price_problem_told = true;
        log_event(LogLevel::warning, "planning_without_prices", {{"why", snapshot->price_problem}});
    }
    boost::asio::post(worker, [this, snapshot, here = alive, &core = *runtime.parts_.core] {
        const auto begin = MachineClock::now();
        auto plan = std::make_shared<dispatch::Plan>(planner->plan(snapshot->problem));
        const double milliseconds = std::chrono::duration<double, std::milli>(MachineClock::now() - begin).count();
        boost::asio::post(core, [this, snapshot, plan, milliseconds, here] {
            if (*here) adopt(snapshot, std::move(*plan), milliseconds);
        });
    });
}

void Planning::Impl::adopt(const std::shared_ptr<const orderly::Snapshot>& snapshot, dispatch::Plan plan,
                           double milliseconds) {
    planning = false;
    if (!running) return;
    const std::int64_t unserved = plan.total_unserved;
    if (orderly.adopt(snapshot, std::move(plan))) {
        summary = PlanSummary{.made = snapshot->made,
                              .sessions = snapshot->sessions.size(),
                              .shortfall = dispatch::watt_hours_of(unserved, snapshot->problem.slot),
                              .milliseconds = milliseconds,
                              .plans = summary.plans + 1};
        act();
        runtime.send_notice({Notice::Kind::plan, {}});
    } else {
        wanted = true;
    }
    if (std::exchange(wanted, false)) plan_soon();
}

void Planning::Impl::act_soon() {
    if (act_posted || !running) return;
    act_posted = true;
    boost::asio::post(*runtime.parts_.core, [this, here = alive] {
        if (!*here) return;
        act_posted = false;
        act();
    });
}

void Planning::Impl::act() {
    if (!running || !runtime.health()) return;
    auto output = orderly.act(runtime.state(), runtime.now());
    // What was permitted must be in the journal before a charger can know of it, at least in order.
    if (!output.events.empty() && !runtime.log_.record(std::move(output.events))) return;
    for (const auto& command : output.commands) send(command);
}

void Planning::Impl::send(const charging::Command& command) {
    const auto* permit = std::get_if<charging::PermitPower>(&command.body);
    if (permit == nullptr) return;
    const auto answered = [this, here = alive, connector = permit->connector](const charging::CommandAnswer& answer) {
        if (!*here) return;
        // An answer that cannot be kept leaves the permission in the air: a new connection settles what holds.
        if (!runtime.log_.record(charging::permit_answered(runtime.state(), connector, answer, runtime.now()))) {
            runtime.refuse_for_now(connector.charger);
        }
        act_soon();
    };
    if (auto sent = runtime.links_.send(command, true, answered); !sent) {
        log_event(LogLevel::error, "permit_not_sent", {{"error", sent.error().to_string()}});
        answered(charging::CommandAnswer{command.id, charging::CommandOutcome::not_sent, "NotSendable", {}});
    }
}

Planning::Planning(Runtime& runtime) : impl_(std::make_unique<Impl>(runtime)) {}

Planning::~Planning() {
    stop();
    *impl_->alive = false;
}

void Planning::start() {
    impl_->running = true;
    impl_->plan_now();
}

void Planning::stop() {
    impl_->running = false;
    impl_->soon.cancel();
    impl_->worker.join();
}

void Planning::on_time() {
    const auto now = impl_->runtime.clock().steady();
    if (!impl_->last_plan || now - *impl_->last_plan >= plan_interval)
        impl_->plan_now();
    else
        impl_->act_soon();
}

void Planning::on_event(const charging::Event& event) {
    if (calls_for_a_plan(event.body)) impl_->plan_soon();
}

void Planning::approved(const ChargerId& charger) {
    // Its boot was answered Pending; asked to boot again it learns that it may work now (OCPP 1.6 §4.2).
    const charging::Command trigger{
        CommandId{"approve-" + charger.value},
        charging::ProtocolCommand{charger, "TriggerMessage", R"({"requestedMessage":"BootNotification"})"}};
    if (auto sent = impl_->runtime.links_.send(trigger, false, [](const charging::CommandAnswer&) {}); !sent) {
        log_event(LogLevel::warning, "approval_not_told", {{"charger", charger.value}, {"error", sent.error().text}});
    }
}

bool Planning::late() const {
    return impl_->planning && impl_->last_plan &&
           impl_->runtime.clock().steady() - *impl_->last_plan > 2 * plan_interval;
}

const orderly::Orderly& Planning::orderly() const { return impl_->orderly; }
PlanSummary Planning::summary() const { return impl_->summary; }

}  // namespace tianqu::server
