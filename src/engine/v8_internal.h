/* SPDX-License-Identifier: MIT */
/* What the files of the V8 body share. Included by nothing else. */
#ifndef CAY_ENGINE_V8_INTERNAL_H
#define CAY_ENGINE_V8_INTERNAL_H

#include <libplatform/libplatform.h>
#include <v8.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <queue>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"
#include "engine/v8_caps.h"
extern "C" {
#include "base/err.h"
#include "base/mem.h"
}

/* What the glue's script is called, in stacks too. */
constexpr char kGlueName[] = "cay:glue";

/* The embedder's slots of our API objects. */
enum { FIELD_TAG = 0, FIELD_KIND = 1, FIELD_RID = 2, FIELD_COUNT = 3 };

/* Foreground tasks of one isolate, from any thread. Outlives the isolate as long as V8 holds it. */
class Runner final : public v8::TaskRunner {
  public:
    void attach(const eng_host_ops_t *ops, eng_host_t *host);
    void detach(); /* drops all tasks; later ones are dropped on arrival */
    std::unique_ptr<v8::Task> next(uint64_t *next_delay);

    void PostTask(std::unique_ptr<v8::Task> task) override;
    void PostNonNestableTask(std::unique_ptr<v8::Task> task) override;
    void PostDelayedTask(std::unique_ptr<v8::Task> task, double seconds) override;
    void PostNonNestableDelayedTask(std::unique_ptr<v8::Task> task, double seconds) override;
    void PostIdleTask(std::unique_ptr<v8::IdleTask>) override {}
    bool IdleTasksEnabled() override {
        return false;
    }
    bool NonNestableTasksEnabled() const override {
        return true;
    }
    bool NonNestableDelayedTasksEnabled() const override {
        return true;
    }

  private:
    struct Delayed {
        uint64_t due;
        std::unique_ptr<v8::Task> task;
    };
    std::mutex mutex_;
    const eng_host_ops_t *ops_ = nullptr;
    eng_host_t *host_ = nullptr;
    bool detached_ = false;
    std::deque<std::unique_ptr<v8::Task>> ready_;
    std::vector<Delayed> delayed_;
};

/* The text of the glue, outside of every heap: the snapshot refers to it by its place among the external references,
 * so that no isolate carries a copy. It is never disposed of. */
class GlueSource final : public v8::String::ExternalOneByteStringResource {
  public:
    void set(const char *text, size_t len) {
        text_ = text;
        len_ = len;
    }
    const char *data() const override {
        return text_;
    }
    size_t length() const override {
        return len_;
    }

  protected:
    void Dispose() override {}

  private:
    const char *text_ = "";
    size_t len_ = 0;
};
extern GlueSource eng__glue_source;

struct eng_module {
    eng_isolate_t *iso;
    void *tag;
    v8::Global<v8::Module> module;
    v8::Global<v8::String> url;
    v8::Global<v8::Value> json;    /* of a JSON module: what it exports */
    v8::Global<v8::Promise> state; /* of the evaluation */
};

struct eng_rejection {
    int kind; /* 0 unhandled, 1 handled after it was told */
    v8::Global<v8::Promise> promise;
    v8::Global<v8::Value> reason;
};

class Meter; /* v8_meter.h */

/* Who has the thread of a slice: our C code, or V8 with the guest. eng_lose takes it away from V8 alone, so that nothing
 * of ours is ever cut in two; a thread that comes back from V8 and finds itself lost stays where it is. */
enum { WHERE_HOST = 0, WHERE_GUEST = 1, WHERE_LOST = 2 };

struct eng_isolate {
    v8::Isolate *v8;
    std::atomic<int> where;
    std::shared_ptr<Meter> meter; /* the allocator of its array buffers */
    const eng_host_ops_t *ops;
    eng_host_t *host;
    std::shared_ptr<Runner> runner;
    v8::Global<v8::Context> context;
    v8::Global<v8::Function> boot;
    v8::Global<v8::Function> dispatch[ENG_DISPATCH_COUNT];
    v8::Global<v8::ObjectTemplate> host_object;
    std::vector<eng_rejection> rejections;
    std::deque<v8::Global<v8::Value>> uncaught;
    std::unordered_multimap<int, eng_module *> modules; /* by V8's identity hash */
    void (*interrupt)(eng_host_t *host);
    std::atomic<bool> stop;  /* eng_terminate was called */
    std::atomic<bool> abort; /* eng_abort was called, for the turn under way */
    uintptr_t stack_low;     /* of the thread the limit was last set for */
    size_t stack;            /* bytes the guest may use; 0 = all */
    size_t settled;          /* bytes of heap and buffers after the last full collection */
    bool collecting;         /* a full collection was asked for */
    long native;             /* bytes of ICU, as allocated and freed on its threads */
    long native_told;        /* of these, V8 knows */
    uint32_t allow;          /* ENG_ALLOW_* */
    bool in_checkpoint;
    bool unwinding; /* the heap was full once, and got its room to unwind */
    int scope_depth;
    /* Storage for the scopes between eng_enter and eng_leave: their lifetimes do not nest in C. */
    alignas(16) unsigned char locker[sizeof(v8::Locker)];
    alignas(16) unsigned char isolate_scope[sizeof(v8::Isolate::Scope)];
    alignas(16) unsigned char base_scope[sizeof(v8::HandleScope)];
    alignas(16) unsigned char context_scope[sizeof(v8::Context::Scope)];
    alignas(16) unsigned char scopes[4][sizeof(v8::HandleScope)];

    v8::Local<v8::Context> local_context() {
        return context.Get(v8);
    }
};

struct eng_call {
    const v8::FunctionCallbackInfo<v8::Value> *info;
    eng_isolate_t *iso;
};

struct eng_ref {
    v8::Global<v8::Value> value;
};

static_assert(sizeof(v8::Local<v8::Value>) == sizeof(eng_val_t), "a Local is one slot");

static inline eng_val_t to_eng(v8::Local<v8::Value> v) {
    eng_val_t out;
    std::memcpy(&out, &v, sizeof out);
    return out;
}
static inline v8::Local<v8::Value> to_v8(eng_val_t v) {
    v8::Local<v8::Value> out;
    std::memcpy(static_cast<void *>(&out), &v, sizeof v);
    return out;
}
static inline eng_isolate_t *isolate_of(v8::Isolate *v8) {
    return static_cast<eng_isolate_t *>(v8->GetData(0));
}

[[noreturn]] void eng__lost_for_good();

/* Back in C code of ours. */
static inline void eng__come_back(eng_isolate_t *iso) {
    if (iso->where.exchange(WHERE_HOST, std::memory_order_acq_rel) == WHERE_LOST) {
        eng__lost_for_good();
    }
}

/* Around whatever runs V8 for long. */
class Inside {
  public:
    explicit Inside(eng_isolate_t *iso)
        : iso_(iso->where.load(std::memory_order_relaxed) == WHERE_HOST ? iso : nullptr) {
        if (iso_) {
            iso_->where.store(WHERE_GUEST, std::memory_order_release);
        }
    }
    ~Inside() {
        if (iso_) {
            eng__come_back(iso_);
        }
    }

  private:
    eng_isolate_t *iso_;
};

/* Around what V8 calls of ours that touches more than the isolate. */
class Outside {
  public:
    explicit Outside(eng_isolate_t *iso)
        : iso_(iso->where.load(std::memory_order_relaxed) == WHERE_HOST ? nullptr : iso) {
        if (iso_) {
            eng__come_back(iso_);
        }
    }
    ~Outside() {
        if (iso_) {
            iso_->where.store(WHERE_GUEST, std::memory_order_release);
        }
    }

  private:
    eng_isolate_t *iso_;
};

/* platform.cc */
v8::Platform *eng__platform();
std::shared_ptr<Runner> eng__runner_register(v8::Isolate *v8);
void eng__runner_forget(v8::Isolate *v8);
/* isolate.cc */
extern const intptr_t eng__external_references[];
extern thread_local eng_isolate_t *eng__current; /* entered on this thread */
/* memory.cc */
void eng__count_icu(); /* once, before anything uses ICU */
void eng__on_gc(v8::Isolate *v8, v8::GCType type, v8::GCCallbackFlags flags, void *data);
void eng__set_up(v8::Isolate *v8); /* callbacks that every isolate has */
/* call.cc */
v8::Local<v8::Object> eng__ops_object(v8::Isolate *v8, v8::Local<v8::Context> context,
                                      const eng_op_t *ops, size_t count);
void eng__set_ops(const eng_op_t *ops, size_t count);
void eng__trampoline(const v8::FunctionCallbackInfo<v8::Value> &info);
bool eng__host_object(v8::Local<v8::Object> o, uint32_t *kind, uint32_t *rid);
v8::Local<v8::Value> eng__coded_error(v8::Isolate *v8, int code, v8::Local<v8::String> text);
v8::Local<v8::String> eng__str(v8::Isolate *v8, const char *s);
char *eng__text(v8::Isolate *v8, v8::Local<v8::Value> v, size_t *len);
/* fault.cc */
/* false when the reading was cut short by a termination. */
bool eng__fault_of(eng_isolate_t *iso, v8::Local<v8::Value> exception,
                   v8::Local<v8::Message> message, eng_fault_t *out);
/* What a call that came back empty means; fills *fault for CAY_EGUEST. */
int eng__caught(eng_isolate_t *iso, v8::TryCatch *tc, eng_fault_t *fault);
/* module.cc */
v8::MaybeLocal<v8::Promise> eng__import_dynamic(v8::Local<v8::Context> context,
                                                v8::Local<v8::Data> options,
                                                v8::Local<v8::Value> referrer,
                                                v8::Local<v8::String> specifier,
                                                v8::Local<v8::FixedArray> assertions);
void eng__import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module,
                      v8::Local<v8::Object> meta);
void eng__modules_free(eng_isolate_t *iso);

#endif
