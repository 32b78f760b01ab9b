/* SPDX-License-Identifier: MIT */
/* The V8 platform: V8's own default platform for its helper threads, and foreground task runners of ours,
 * because the default ones cannot tell us that an idle isolate has a task. */

#include "engine/v8_internal.h"
extern "C" {
#include "os/clock.h"
#include "os/thread.h"
}

void Runner::attach(const eng_host_ops_t *ops, eng_host_t *host) {
    std::lock_guard<std::mutex> lock(mutex_);
    ops_ = ops;
    host_ = host;
}

void Runner::detach() {
    std::deque<std::unique_ptr<v8::Task>> ready;
    std::vector<Delayed> delayed;
    std::lock_guard<std::mutex> lock(mutex_);
    detached_ = true;
    host_ = nullptr;
    ready.swap(ready_);
    delayed.swap(delayed_);
}

void Runner::PostTask(std::unique_ptr<v8::Task> task) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (detached_) {
        return;
    }
    ready_.push_back(std::move(task));
    if (host_) {
        ops_->task_posted(host_, 0);
    }
}

void Runner::PostNonNestableTask(std::unique_ptr<v8::Task> task) {
    PostTask(std::move(task)); /* tasks run from the top of a slice only, so none is ever nested */
}

void Runner::PostDelayedTask(std::unique_ptr<v8::Task> task, double seconds) {
    uint64_t delay = seconds > 0 ? static_cast<uint64_t>(seconds * 1e9) : 0;
    std::lock_guard<std::mutex> lock(mutex_);
    if (detached_) {
        return;
    }
    delayed_.push_back(Delayed{cay__clock_mono() + delay, std::move(task)});
    if (host_) {
        ops_->task_posted(host_, delay);
    }
}

void Runner::PostNonNestableDelayedTask(std::unique_ptr<v8::Task> task, double seconds) {
    PostDelayedTask(std::move(task), seconds);
}

/* The next task that is due, or null with the time until one will be. Few tasks are ever delayed at once
 * in one isolate, so a scan serves. */
std::unique_ptr<v8::Task> Runner::next(uint64_t *next_delay) {
    *next_delay = UINT64_MAX;
    std::lock_guard<std::mutex> lock(mutex_);
    if (!ready_.empty()) {
        std::unique_ptr<v8::Task> task = std::move(ready_.front());
        ready_.pop_front();
        return task;
    }
    if (delayed_.empty()) {
        return nullptr;
    }
    size_t first = 0;
    for (size_t i = 1; i < delayed_.size(); i++) {
        if (delayed_[i].due < delayed_[first].due) {
            first = i;
        }
    }
    uint64_t now = cay__clock_mono();
    if (delayed_[first].due > now) {
        *next_delay = delayed_[first].due - now;
        return nullptr;
    }
    std::unique_ptr<v8::Task> task = std::move(delayed_[first].task);
    delayed_.erase(delayed_.begin() + static_cast<std::ptrdiff_t>(first));
    return task;
}

namespace {

class Platform final : public v8::Platform {
  public:
    explicit Platform(int threads)
        : inner_(v8::platform::NewDefaultPlatform(threads, v8::platform::IdleTaskSupport::kDisabled,
                                                  v8::platform::InProcessStackDumping::kDisabled)) {
    }

    std::shared_ptr<Runner> find(v8::Isolate *isolate) {
        std::lock_guard<std::mutex> lock(mutex_);
        std::shared_ptr<Runner> &slot = runners_[isolate];
        if (!slot) {
            slot = std::make_shared<Runner>();
        }
        return slot;
    }
    void forget(v8::Isolate *isolate) {
        std::lock_guard<std::mutex> lock(mutex_);
        runners_.erase(isolate);
    }

    v8::PageAllocator *GetPageAllocator() override {
        return inner_->GetPageAllocator();
    }
    int NumberOfWorkerThreads() override {
        return inner_->NumberOfWorkerThreads();
    }
    std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner(v8::Isolate *isolate) override {
        return find(isolate);
    }
    void CallOnWorkerThread(std::unique_ptr<v8::Task> task) override {
        inner_->CallOnWorkerThread(std::move(task));
    }
    void CallBlockingTaskOnWorkerThread(std::unique_ptr<v8::Task> task) override {
        inner_->CallBlockingTaskOnWorkerThread(std::move(task));
    }
    void CallLowPriorityTaskOnWorkerThread(std::unique_ptr<v8::Task> task) override {
        inner_->CallLowPriorityTaskOnWorkerThread(std::move(task));
    }
    void CallDelayedOnWorkerThread(std::unique_ptr<v8::Task> task, double seconds) override {
        inner_->CallDelayedOnWorkerThread(std::move(task), seconds);
    }
    std::unique_ptr<v8::JobHandle> PostJob(v8::TaskPriority priority,
                                           std::unique_ptr<v8::JobTask> task) override {
        return inner_->PostJob(priority, std::move(task));
    }
#if CAY_V8_CREATE_JOB
    std::unique_ptr<v8::JobHandle> CreateJob(v8::TaskPriority priority,
                                             std::unique_ptr<v8::JobTask> task) override {
        return inner_->CreateJob(priority, std::move(task));
    }
#endif
    double MonotonicallyIncreasingTime() override {
        return inner_->MonotonicallyIncreasingTime();
    }
    double CurrentClockTimeMillis() override {
        return inner_->CurrentClockTimeMillis();
    }
    v8::TracingController *GetTracingController() override {
        return inner_->GetTracingController();
    }

  private:
    std::unique_ptr<v8::Platform> inner_;
    std::mutex mutex_;
    std::unordered_map<v8::Isolate *, std::shared_ptr<Runner>> runners_;
};

Platform
    *the_platform; /* made once, never freed: V8's helper threads use it until the process ends */

} // namespace

v8::Platform *eng__platform() {
    if (!the_platform) {
        unsigned cpus = cay__cpu_count();
        the_platform = new Platform(cpus > 4 ? 4 : cpus > 1 ? static_cast<int>(cpus) - 1 : 1);
    }
    return the_platform;
}

std::shared_ptr<Runner> eng__runner_register(v8::Isolate *v8) {
    return the_platform->find(v8);
}

void eng__runner_forget(v8::Isolate *v8) {
    the_platform->forget(v8);
}
