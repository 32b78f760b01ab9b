/* SPDX-License-Identifier: MIT */
/* Build time: the glue runs once, and the heap it leaves becomes the start-up snapshot. */
#include "engine/v8_internal.h"

namespace {

/* Compiles the bundle, which is a function of the ops, and calls it: the result is `boot`. */
v8::MaybeLocal<v8::Function> run_glue(v8::Isolate *v8, v8::Local<v8::Context> context,
                                      const eng_op_t *ops, size_t op_count, const char *glue,
                                      size_t len) {
    v8::Local<v8::String> text;
    v8::Local<v8::Script> script;
    v8::Local<v8::Value> maker, boot;
    v8::ScriptOrigin origin(v8, eng__str(v8, kGlueName));
    eng__glue_source.set(glue, len);
    if (!v8::String::NewExternalOneByte(v8, &eng__glue_source).ToLocal(&text) ||
        !v8::Script::Compile(context, text, &origin).ToLocal(&script) ||
        !script->Run(context).ToLocal(&maker) || !maker->IsFunction()) {
        return {};
    }
    v8::Local<v8::Value> arg = eng__ops_object(v8, context, ops, op_count);
    if (!maker.As<v8::Function>()->Call(context, v8::Undefined(v8), 1, &arg).ToLocal(&boot) ||
        !boot->IsFunction()) {
        return {};
    }
    return boot.As<v8::Function>();
}

} // namespace

int eng_make_snapshot(const eng_op_t *ops, size_t op_count, const char *glue, size_t glue_len,
                      void **blob, size_t *blob_len, cay_error_t **err) {
    eng_config_t config = {ops, op_count, nullptr, 0, nullptr, 0, nullptr};
    int rc = eng_start(&config, err);
    if (rc) {
        return rc;
    }
    v8::StartupData data = {nullptr, 0};
    {
        v8::SnapshotCreator creator(eng__external_references);
        v8::Isolate *v8 = creator.GetIsolate();
        {
            v8::HandleScope handles(v8);
            v8::Local<v8::Context> context = v8::Context::New(v8);
            v8::Context::Scope scope(context);
            v8::TryCatch tc(v8);
            v8::Local<v8::Function> boot;
            if (run_glue(v8, context, ops, op_count, glue, glue_len).ToLocal(&boot)) {
                creator.SetDefaultContext(context);
                creator.AddData(context, boot);
            } else {
                v8::String::Utf8Value text(v8, tc.Exception());
                v8::Local<v8::Message> m = tc.Message();
                rc = cay__error_set(err, CAY_EENGINE, "the glue failed at line %d: %s",
                                    m.IsEmpty() ? 0 : m->GetLineNumber(context).FromMaybe(0),
                                    *text ? *text : "no function came out of it");
                creator.SetDefaultContext(v8::Context::New(v8));
            }
        }
        data = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
    }
    if (rc == 0 && data.data) {
        *blob = cay__memdup(data.data, static_cast<size_t>(data.raw_size));
        *blob_len = static_cast<size_t>(data.raw_size);
        rc = *blob ? 0 : CAY_ENOMEM;
    }
    delete[] data.data;
    return rc;
}
