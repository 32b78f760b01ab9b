/* SPDX-License-Identifier: MIT */
/* Isolates: start of V8, creation from the snapshot, entering, termination, tasks, the end. */
#include <sys/random.h>

#include <unistd.h>

#include "engine/v8_meter.h"

namespace {

/* Room on an executor's stack for frames of C below the guest's. */
constexpr uintptr_t kHostStack = 256 * 1024;
/* What a heap at its limit gets to unwind in, once. */
constexpr size_t kUnwindHeap = 128u << 20;
/* Unhandled rejections remembered between two tasks; more are dropped, so that a loop cannot fill native
 * memory with handles. */
constexpr size_t kMaxRejections = 10000;
/* The same for exceptions out of tasks of V8. */
constexpr size_t kMaxUncaught = 1000;

std::once_flag start_once;
v8::StartupData snapshot;
char *bad_flag; /* of the start; kept, since V8 is started once */

bool entropy(unsigned char *buffer, size_t length) {
    return getrandom(buffer, length, 0) == static_cast<ssize_t>(length);
}

[[noreturn]] void fatal(bool oom, const char *location) {
    eng_isolate_t *iso = eng__current;
    if (iso && iso->host) {
        eng__come_back(iso); /* it stays: nothing goes on in this isolate */
        iso->ops->fatal(iso->host, oom, location ? location : "");
    }
    fprintf(stderr, "cay: V8 cannot go on: %s\n", location ? location : "unknown place");
    abort();
}

void on_fatal(const char *location, const char *message) {
    fatal(false, message ? message : location);
}

/* V8 has failed a check: an array beyond its largest size is one, which any guest can ask for; a throwing
 * @@species of Promise met on the way into a module with top-level await is another (10.2). V8 aborts the
 * process when this returns. */
void on_check() {
    fatal(false, "a check of V8 failed");
}

#if CAY_V8_OOM_DETAILS
void on_oom(const char *location, const v8::OOMDetails &) {
    fatal(true, location);
}
#else
void on_oom(const char *location, bool) {
    fatal(true, location);
}
#endif

size_t on_near_limit(void *data, size_t current_limit, size_t) {
    eng_isolate_t *iso = static_cast<eng_isolate_t *>(data);
    iso->v8->TerminateExecution();
    {
        Outside out(iso);
        iso->ops->near_heap_limit(iso->host);
    }
    if (iso->unwinding) {
        return current_limit; /* a built-in that went on regardless: fatal now, which costs the thread */
    }
    iso->unwinding = true;
    return current_limit + kUnwindHeap;
}

void on_reject(v8::PromiseRejectMessage message) {
    v8::Local<v8::Promise> promise = message.GetPromise();
    v8::Isolate *v8 = v8::Isolate::GetCurrent();
    eng_isolate_t *iso = isolate_of(v8);
    if (!iso) {
        return;
    }
    std::vector<eng_rejection> &list = iso->rejections;
    if (message.GetEvent() == v8::kPromiseHandlerAddedAfterReject) {
        for (size_t i = list.size(); i > 0; i--) {
            if (list[i - 1].kind == 0 && list[i - 1].promise == promise) {
                list.erase(list.begin() + static_cast<std::ptrdiff_t>(i - 1));
                return;
            }
        }
    } else if (message.GetEvent() != v8::kPromiseRejectWithNoHandler) {
        return; /* resolved or rejected again: without effect in the language */
    }
    if (list.size() >= kMaxRejections) {
        return;
    }
    eng_rejection r;
    r.kind = message.GetEvent() == v8::kPromiseRejectWithNoHandler ? 0 : 1;
    r.promise.Reset(v8, promise);
    v8::Local<v8::Value> reason = message.GetValue();
    if (!reason.IsEmpty()) {
        r.reason.Reset(v8, reason);
    }
    list.push_back(std::move(r));
}

/* V8 itself would pass over a flag it does not know, and end the process for --help. Gives the first word
 * that is no flag, cay__malloc'ed, or null. */
char *set_flags(const char *flags) {
    char *words = flags ? cay__strdup(flags) : nullptr;
    std::vector<char *> argv{const_cast<char *>("cay")};
    char *save = nullptr;
    char *bad = nullptr;
    for (char *w = words ? strtok_r(words, " ", &save) : nullptr; w && !bad;
         w = strtok_r(nullptr, " ", &save)) {
        bool good = w[0] == '-' && std::strncmp(w + std::strspn(w, "-"), "help", 4) != 0;
        bad = good ? nullptr : cay__strdup(w);
        argv.push_back(w);
    }
    int argc = static_cast<int>(argv.size());
    argv.push_back(nullptr);
    if (!bad) {
        v8::V8::SetFlagsFromCommandLine(&argc, argv.data(), true);
        bad = argc > 1 ? cay__strdup(argv[1]) : nullptr;
    }
    cay__free(words);
    return bad;
}

/* An exception that no TryCatch took. Without a listener V8 prints it on standard output. */
void on_message(v8::Local<v8::Message>, v8::Local<v8::Value> exception) {
    v8::Isolate *v8 = v8::Isolate::GetCurrent();
    eng_isolate_t *iso = isolate_of(v8);
    if (iso && !exception.IsEmpty() && iso->uncaught.size() < kMaxUncaught) {
        iso->uncaught.emplace_back(v8, exception);
    }
}

void start(const eng_config_t *config) {
    eng__platform();
    v8::V8::SetEntropySource(entropy);
    /* Nothing outside may be told of compile jobs, so asynchronous WebAssembly compilation would look
     * like an idle worker; it compiles in the call instead. */
    v8::V8::SetFlagsFromString("--no-wasm-async-compilation");
    /* The snapshot is read-only data of our own library; a checksum of it for each isolate tells nothing. */
    v8::V8::SetFlagsFromString("--no-verify-snapshot-checksum");
    /* `import x from "./x.json" assert { type: "json" }` is behind a flag in 10.2. */
    v8::V8::SetFlagsFromString("--harmony-import-assertions");
    /* A shared memory of WebAssembly would be in nobody's account, and can be shared with nobody. */
    v8::V8::SetFlagsFromString("--no-experimental-wasm-threads");
    /* V8 looks for interrupts on a loop's way back only once so much bytecode has run: a loop whose body is one slow
     * built-in of C++ (normalize, Intl) would be stopped after many seconds. A thirteenth of V8's own, and what decides
     * on optimization by counting these looks likewise. */
    v8::V8::SetFlagsFromString("--interrupt-budget=10000");
    v8::V8::SetFlagsFromString("--ticks-before-optimization=40");
    v8::V8::SetFlagsFromString("--bytecode-size-allowance-per-tick=11");
    /* WebAssembly is compiled by the baseline compiler alone. Dynamic tiering lets loops look for interrupts only as often
     * as they count towards optimization; and the optimizing compiler works on V8's helper threads, with memory and CPU
     * that are in nobody's account, and which the end of any isolate waits for. */
    v8::V8::SetFlagsFromString("--no-wasm-dynamic-tiering");
    v8::V8::SetFlagsFromString("--no-wasm-tier-up");
    /* asm.js would be WebAssembly without its grant. */
    v8::V8::SetFlagsFromString("--no-validate-asm");
    eng__count_icu();
    bad_flag = set_flags(config->v8_flags);
    v8::V8::InitializePlatform(eng__platform());
    v8::V8::Initialize();
    if (v8::base::SetPrintStackTrace) {
        v8::base::SetPrintStackTrace(on_check);
    }
    eng__set_ops(config->ops, config->op_count);
}

/* The first that is given; a build tool or test that makes one starts without. */
void set_snapshot(const eng_config_t *config) {
    static std::mutex mutex;
    std::lock_guard<std::mutex> lock(mutex);
    if (!snapshot.data && config->snapshot) {
        snapshot.raw_size = static_cast<int>(config->snapshot_size);
        snapshot.data = static_cast<const char *>(config->snapshot);
        if (config->glue) {
            eng__glue_source.set(config->glue, config->glue_size);
        }
    }
}

} // namespace

GlueSource eng__glue_source;

const intptr_t eng__external_references[] = {
    reinterpret_cast<intptr_t>(eng__trampoline),
    /* As V8 looks it up: by the base that it holds resources by. */
    reinterpret_cast<intptr_t>(
        static_cast<v8::String::ExternalStringResourceBase *>(&eng__glue_source)),
    0};

thread_local eng_isolate_t *eng__current;

void eng__lost_for_good() {
    for (;;) {
        pause();
    }
}

int eng_start(const eng_config_t *config, cay_error_t **err) {
    std::call_once(start_once, start, config);
    set_snapshot(config);
    if (bad_flag) {
        return cay__error_set(err, CAY_EINVAL, "engine_flags: V8 has no flag %s", bad_flag);
    }
    if (snapshot.data && !snapshot.IsValid()) {
        return cay__error_set(err, CAY_EENGINE,
                              "the start-up snapshot was made by another version of V8 than %s",
                              v8::V8::GetVersion());
    }
    return 0;
}

const char *eng_version(void) {
    return v8::V8::GetVersion();
}

void eng__set_up(v8::Isolate *v8) {
    v8->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
    v8->SetPromiseRejectCallback(on_reject);
    v8->SetHostImportModuleDynamicallyCallback(eng__import_dynamic);
    v8->SetHostInitializeImportMetaObjectCallback(eng__import_meta);
    v8->SetCaptureStackTraceForUncaughtExceptions(true, 50, v8::StackTrace::kDetailed);
    v8->SetFatalErrorHandler(on_fatal);
    v8->SetOOMErrorHandler(on_oom);
}

/* With these V8 asks each time, so that a permission that is revoked is gone for a running guest too. */
static bool may_wasm(v8::Local<v8::Context> context, v8::Local<v8::String>) {
    eng_isolate_t *iso = isolate_of(context->GetIsolate());
    Outside out(iso);
    return (iso->allow & ENG_ALLOW_WASM) && iso->ops->may_generate(iso->host, true);
}

static v8::ModifyCodeGenerationFromStringsResult may_eval(v8::Local<v8::Context> context,
                                                          v8::Local<v8::Value> source, bool) {
    eng_isolate_t *iso = isolate_of(context->GetIsolate());
    Outside out(iso);
    /* eval of what is no string gives it back, which makes no code. */
    bool yes = !source->IsString() ||
               (iso->ops->may_generate(iso->host, false) && (iso->allow & ENG_ALLOW_EVAL));
    return {yes, v8::MaybeLocal<v8::String>()};
}

static bool drop(v8::Local<v8::Context> context, v8::Local<v8::Object> from, const char *key) {
    return from->Delete(context, eng__str(context->GetIsolate(), key)).FromMaybe(false);
}

/* What V8 gives every context and this guest may not have. V8 itself adds these globals after the snapshot is
 * loaded. Without WebAssembly there is no other way to a module; may_wasm is for what we do not know of. A
 * shared memory made by WebAssembly is shared with nobody: no other agent can be handed it. */
static bool take_away(v8::Local<v8::Context> context, uint32_t allow) {
    v8::Local<v8::Object> global = context->Global();
    v8::Isolate *v8 = context->GetIsolate();
    bool ok = true;
    v8->SetAllowWasmCodeGenerationCallback(may_wasm);
    v8->SetModifyCodeGenerationFromStringsCallback(may_eval);
    if (!(allow & ENG_ALLOW_WASM)) {
        ok = drop(context, global, "WebAssembly");
    }
    if (ok && !(allow & ENG_ALLOW_SHARED)) {
        v8::Local<v8::Value> atomics;
        ok = drop(context, global, "SharedArrayBuffer") &&
             global->Get(context, eng__str(v8, "Atomics")).ToLocal(&atomics) &&
             atomics->IsObject() && drop(context, atomics.As<v8::Object>(), "wait");
    }
    return ok;
}

/* The context and what the snapshot keeps beside it. Entered. */
static bool load_context(eng_isolate_t *iso, uint32_t allow) {
    v8::Local<v8::Context> context = v8::Context::New(iso->v8);
    if (context.IsEmpty()) {
        return false;
    }
    context->AllowCodeGenerationFromStrings(false); /* may_eval is asked then */
    context->SetErrorMessageForCodeGenerationFromStrings(
        eng__str(iso->v8, "code from strings is not granted; --allow-eval would grant it"));
    iso->context.Reset(iso->v8, context);
    v8::Context::Scope scope(context);
    if (!take_away(context, allow)) {
        return false;
    }
    v8::Local<v8::Function> boot;
    if (!context->GetDataFromSnapshotOnce<v8::Function>(0).ToLocal(&boot)) {
        return false;
    }
    iso->boot.Reset(iso->v8, boot);
    return true;
}

int eng_isolate_new(const eng_isolate_options_t *o, const eng_host_ops_t *ops, eng_host_t *host,
                    eng_isolate_t **out) {
    eng_isolate_t *iso = new (std::nothrow) eng_isolate_t();
    if (!iso) {
        return CAY_ENOMEM;
    }
    iso->ops = ops;
    iso->host = host;
    iso->allow = o->allow;
    iso->v8 = v8::Isolate::Allocate();
    iso->v8->SetData(0, iso);
    iso->runner = eng__runner_register(iso->v8);
    iso->runner->attach(ops, host);
    v8::Isolate::CreateParams params;
    params.snapshot_blob = &snapshot;
    params.external_references = eng__external_references;
    iso->stack = o->stack;
    iso->meter = std::make_shared<Meter>(iso, o->meter, o->meter_ctx);
    params.array_buffer_allocator_shared = iso->meter;
    if (o->max_heap) {
        params.constraints.set_max_old_generation_size_in_bytes(o->max_heap);
    }
    if (o->max_young) {
        params.constraints.set_max_young_generation_size_in_bytes(o->max_young);
    }
    bool ok;
    {
        v8::Locker locker(iso->v8);
        eng__current = iso;
        v8::Isolate::Initialize(iso->v8, params);
        eng__set_up(iso->v8);
        iso->v8->AddGCEpilogueCallback(eng__on_gc, iso);
        iso->v8->AddMessageListener(on_message);
        iso->v8->AddNearHeapLimitCallback(on_near_limit, iso);
        v8::Isolate::Scope isolate_scope(iso->v8);
        v8::HandleScope handles(iso->v8);
        ok = load_context(iso, o->allow);
        eng__current = nullptr;
    }
    if (!ok) {
        eng_isolate_free(iso);
        return CAY_EENGINE;
    }
    *out = iso;
    return 0;
}

void eng_isolate_free(eng_isolate_t *iso) {
    iso->runner->detach();
    {
        v8::Locker locker(iso->v8);
        v8::Isolate::Scope scope(iso->v8);
        eng__current = iso;
        (void)iso->meter->tell(iso->meter->measure()); /* how it ended */
        eng__modules_free(iso);
        iso->rejections.clear();
        iso->uncaught.clear();
        for (v8::Global<v8::Function> &f : iso->dispatch) {
            f.Reset();
        }
        iso->boot.Reset();
        iso->host_object.Reset();
        iso->context.Reset();
        eng__current = nullptr;
    }
    v8::Isolate *v8 = iso->v8;
    v8->Dispose();
    iso->meter->leave();
    eng__runner_forget(v8);
    delete iso;
}

/* So far down, and never into the room for frames of C below the guest's. */
static uintptr_t stack_limit(const eng_isolate_t *iso, uintptr_t stack_low) {
    uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    uintptr_t least = stack_low + kHostStack;
    return iso->stack && here > least + iso->stack ? here - iso->stack : least;
}

void eng_enter(eng_isolate_t *iso, uintptr_t stack_low) {
    ::new (iso->locker) v8::Locker(iso->v8);
    ::new (iso->isolate_scope) v8::Isolate::Scope(iso->v8);
    ::new (iso->base_scope) v8::HandleScope(iso->v8);
    ::new (iso->context_scope) v8::Context::Scope(iso->local_context());
    if (iso->stack_low != stack_low) {
        iso->v8->SetStackLimit(stack_limit(iso, stack_low));
        iso->stack_low = stack_low;
    }
    eng__current = iso;
}

template <class T> static void destroy(unsigned char *storage) {
    reinterpret_cast<T *>(storage)->~T();
}

void eng_leave(eng_isolate_t *iso) {
    eng__current = nullptr;
    destroy<v8::Context::Scope>(iso->context_scope);
    destroy<v8::HandleScope>(iso->base_scope);
    destroy<v8::Isolate::Scope>(iso->isolate_scope);
    destroy<v8::Locker>(iso->locker);
}

void eng_scope_open(eng_isolate_t *iso) {
    ::new (iso->scopes[iso->scope_depth]) v8::HandleScope(iso->v8);
    iso->scope_depth++;
}

void eng_scope_close(eng_isolate_t *iso) {
    iso->scope_depth--;
    destroy<v8::HandleScope>(iso->scopes[iso->scope_depth]);
}

/* From another thread by way of an interrupt, which only guest code sees: V8's own code sees a termination
 * too, and that of modules fails a check of V8 when one is there at its first step (10.2). */
void eng_terminate(eng_isolate_t *iso) {
    iso->stop.store(true, std::memory_order_release);
    if (eng__current == iso) {
        iso->v8->TerminateExecution();
        return;
    }
    iso->v8->RequestInterrupt([](v8::Isolate *v8, void *) { v8->TerminateExecution(); }, nullptr);
}

void eng_interrupt(eng_isolate_t *iso, void (*cb)(eng_host_t *host)) {
    iso->interrupt = cb;
    iso->v8->RequestInterrupt(
        [](v8::Isolate *, void *data) {
            eng_isolate_t *self = static_cast<eng_isolate_t *>(data);
            Outside out(self);
            self->interrupt(self->host);
        },
        iso);
}

/* The turn may be over before the interrupt comes, which then finds nothing to end. */
void eng_abort(eng_isolate_t *iso) {
    iso->abort.store(true);
    iso->v8->RequestInterrupt(
        [](v8::Isolate *v8, void *data) {
            if (static_cast<eng_isolate_t *>(data)->abort.exchange(false)) {
                v8->TerminateExecution();
            }
        },
        iso);
}

void eng_resume(eng_isolate_t *iso) {
    iso->abort.store(false);
    if (!iso->stop.load(std::memory_order_acquire)) {
        iso->v8->CancelTerminateExecution();
    }
}

/* What V8 posts from now on is dropped, and its callbacks find no driver. */
bool eng_lose(eng_isolate_t *iso) {
    int guest = WHERE_GUEST;
    if (!iso->where.compare_exchange_strong(guest, WHERE_LOST, std::memory_order_acq_rel)) {
        return false;
    }
    iso->runner->detach();
    return true;
}

bool eng_is_terminating(eng_isolate_t *iso) {
    return iso->v8->IsExecutionTerminating();
}

uint64_t eng_run_task(eng_isolate_t *iso) {
    uint64_t delay;
    std::unique_ptr<v8::Task> task = iso->runner->next(&delay);
    if (!task) {
        return delay;
    }
    v8::HandleScope handles(iso->v8);
    Inside in(iso);
    task->Run();
    return 0;
}

int eng_microtasks(eng_isolate_t *iso) {
    if (iso->stop.load(std::memory_order_acquire)) {
        return CAY_ETERMINATED;
    }
    if (iso->in_checkpoint) {
        return 0;
    }
    iso->in_checkpoint = true;
    v8::HandleScope handles(iso->v8);
    v8::TryCatch tc(iso->v8);
    {
        Inside in(iso);
        v8::MicrotasksScope::PerformCheckpoint(iso->v8);
    }
    iso->in_checkpoint = false;
    return tc.HasTerminated() ? CAY_ETERMINATED : 0;
}

eng_val_t eng_take_uncaught(eng_isolate_t *iso) {
    if (iso->uncaught.empty()) {
        return ENG_NONE;
    }
    v8::Local<v8::Value> exception = iso->uncaught.front().Get(iso->v8);
    iso->uncaught.pop_front();
    return to_eng(exception);
}

eng_val_t eng_take_rejections(eng_isolate_t *iso) {
    if (iso->rejections.empty()) {
        return ENG_NONE;
    }
    std::vector<eng_rejection> list;
    list.swap(iso->rejections);
    std::vector<v8::Local<v8::Value>> flat;
    for (eng_rejection &r : list) {
        v8::Local<v8::Promise> promise = r.promise.Get(iso->v8);
        if (r.kind == 0 && promise->HasHandler()) {
            continue; /* handled meanwhile, or the evaluation of a module */
        }
        flat.push_back(v8::Integer::New(iso->v8, r.kind));
        flat.push_back(promise);
        flat.push_back(r.kind == 0 && !r.reason.IsEmpty() ? r.reason.Get(iso->v8)
                       : promise->State() == v8::Promise::kRejected
                           ? promise->Result()
                           : v8::Undefined(iso->v8).As<v8::Value>());
    }
    if (flat.empty()) {
        return ENG_NONE;
    }
    return to_eng(v8::Array::New(iso->v8, flat.data(), flat.size()));
}
