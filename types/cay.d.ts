// SPDX-License-Identifier: MIT
// Made by tools/gen_api.py from src/ops/*.def: change it there.
/// <reference lib="es2022" />
/// <reference lib="webworker" />

/** What cay adds to the web platform. */
declare namespace cay {
    /** Arguments of the script. */
    const args: readonly string[];
    /** The version of cay. */
    const version: string;
    /**
     * Ends this worker at once, with 0 or the code; nothing after the call runs. A code that is no integer from 0 to
     * 255 throws a RangeError, one that is no number a TypeError.
     */
    function exit(code?: number): never;
    /** What this worker uses of memory now. Garbage that was not collected yet counts in `heap`. */
    function memoryUsage(): MemoryUsage;
    /** The whole file. Permission: `read`. */
    function readFile(path: FsPath, options?: ReadOptions): Promise<Uint8Array>;
    /** The whole file as UTF-8; what is malformed becomes U+FFFD, and a byte order mark stays. Permission: `read`. */
    function readTextFile(path: FsPath, options?: ReadOptions): Promise<string>;
    /**
     * Writes a file, in place of what it held. Bytes are copied at the call. A file with several names, and one behind
     * a symbolic link, are not written to. Permission: `write`.
     */
    function writeFile(path: FsPath, bytes: ArrayBuffer | ArrayBufferView, options?: WriteOptions): Promise<void>;
    /** As `writeFile`, of a text as UTF-8. Permission: `write`. */
    function writeTextFile(path: FsPath, text: string, options?: WriteOptions): Promise<void>;
    /**
     * Facts about a file or directory; a symbolic link is followed when it leads to a place that is granted.
     * Permission: `read`.
     */
    function stat(path: FsPath): Promise<FileInfo>;
    /** As `stat`, but of a link itself. Permission: `read`. */
    function lstat(path: FsPath): Promise<FileInfo>;
    /** The entries of a directory, sorted by name; `LimitReached` past a million. Permission: `read`. */
    function readDir(path: FsPath): Promise<DirEntry[]>;
    /**
     * Makes a directory; `recursive`: with those above it, and one that is there already is no error. Permission:
     * `write`.
     */
    function mkdir(path: FsPath, options?: { recursive?: boolean }): Promise<void>;
    /**
     * Removes a file, a link or an empty directory; `recursive`: a directory with all in it, which takes the permission
     * for all of it. A file that is granted by its own path can be removed; a granted directory itself cannot.
     * Permission: `write`.
     */
    function remove(path: FsPath, options?: { recursive?: boolean }): Promise<void>;
    /**
     * Moves a file or directory; a file at `to` is replaced. Takes reading and writing all of `from`, and writing `to`.
     * Permission: `read`, `write`.
     */
    function rename(from: FsPath, to: FsPath): Promise<void>;
    /**
     * Copies the content of a file into another, which is made or replaced. Takes reading `from` and writing `to`.
     * Permission: `read`, `write`.
     */
    function copyFile(from: FsPath, to: FsPath): Promise<void>;
    /**
     * Opens a file: for reading when there are no options. A worker has at most 1,024 open. Permission: `read`,
     * `write`.
     */
    function open(path: FsPath, options?: OpenOptions): Promise<FsFile>;
    /**
     * Functions of the embedder, by name. One argument is passed as it is, several as an array; values cross by copy. A
     * name that is not bound rejects with `NotFound`; what the embedder rejects with arrives as an Error.
     */
    const host: { readonly [name: string]: (...args: unknown[]) => Promise<any> };

    namespace permissions {
        /** Whether this worker has a permission now. */
        function query(descriptor: PermissionDescriptor): Promise<PermissionState>;
        /**
         * Takes a permission away for good, from this worker or from a child, and from all workers below. Operations
         * under way that need it are rejected with `NotCapable`. `eval`, `wasm` and `fine-clock` hold at once for what
         * is made from then on; `shared-memory` for workers that are started later.
         */
        function revoke(descriptor: PermissionDescriptor, options?: { worker?: Worker }): Promise<PermissionState>;
    }

    namespace env {
        /**
         * A variable of the environment, as it was when the program started the script; throws `NotCapable` when it is
         * not granted. Permission: `env`.
         */
        function get(name: string): string | undefined;
        /** Whether it is set; throws as `get`. Permission: `env`. */
        function has(name: string): boolean;
        /** A copy of the variables that are granted. */
        function toObject(): { [name: string]: string };
    }

    namespace sys {
        /** The machine's name. Permission: `sys`. */
        function hostname(): string;
        /** The system, as uname(2) tells it. Permission: `sys`. */
        function os(): { name: string; release: string; version: string; machine: string };
        /** The processors that the program may use. Permission: `sys`. */
        function cpus(): { count: number; model: string };
        /** Memory in bytes. Permission: `sys`. */
        function memory(): { total: number; free: number; available: number };
        /** The load over 1, 5 and 15 minutes. Permission: `sys`. */
        function load(): [number, number, number];
        /** Seconds since the machine started. Permission: `sys`. */
        function uptime(): number;
    }

    interface FsFile {
        /**
         * Reads into the buffer, at most 16 MiB at a time: the number of bytes, 0 at the end. Without `at` from where
         * the last read or write without `at` ended. Permission: `read`.
         */
        read(buffer: ArrayBuffer | ArrayBufferView, options?: { at?: number }): Promise<number>;
        /**
         * Writes all the bytes: their number. `at` as for `read`; a file open for appending takes none. Permission:
         * `write`.
         */
        write(bytes: ArrayBuffer | ArrayBufferView, options?: { at?: number }): Promise<number>;
        /** Makes the file that long, 0 when left out. Permission: `write`. */
        truncate(length?: number): Promise<void>;
        /** As `cay.stat`; takes what the file was opened for. Permission: `read`, `write`. */
        stat(): Promise<FileInfo>;
        /** Content and metadata are on the disk when it is done. Permission: `read`, `write`. */
        sync(): Promise<void>;
        /** As `sync`, without metadata that reading does not need. Permission: `read`, `write`. */
        syncData(): Promise<void>;
        /**
         * Closes the file once what was asked for before is done. Again: does nothing. Files that are still open are
         * closed with the worker.
         */
        close(): Promise<void>;
        /**
         * What follows the file's position; at the end, or when it is cancelled, the file is closed. Permission:
         * `read`.
         */
        readonly readable: ReadableStream<Uint8Array>;
        /** Writes at the file's position; closing or aborting it closes the file. Permission: `write`. */
        readonly writable: WritableStream<ArrayBuffer | ArrayBufferView>;
    }

    /**
     * Bytes. `total` is what the memory limit counts: the parts that follow, and those of the workers below in
     * `children`. `limit` is Infinity when there is none.
     */
    interface MemoryUsage {
        total: number;
        limit: number;
        heap: number;
        buffers: number;
        wasm: number;
        messages: number;
        host: number;
        native: number;
        children: number;
    }

    /** See `onlimit`. A `Worker` has the `limit` event of its worker, too. */
    type LimitEvent = Event & {
        readonly limit: string;
        readonly max: number;
        readonly used: number;
        readonly over: boolean;
    };

    /** What a worker may do: nothing, all that its creator may, or kind by kind. */
    type WorkerPermissions =
        | "none"
        | "inherit"
        | {
            read?: boolean | "inherit" | string[];
            write?: boolean | "inherit" | string[];
            net?: boolean | "inherit" | string[];
            env?: boolean | "inherit" | string[];
            import?: boolean | "inherit" | string[];
            sys?: boolean | "inherit" | string[];
            eval?: boolean | "inherit";
            wasm?: boolean | "inherit";
            "shared-memory"?: boolean | "inherit";
            "fine-clock"?: boolean | "inherit";
            deny?: {
                read?: true | string[];
                write?: true | string[];
                net?: true | string[];
                env?: true | string[];
                import?: true | string[];
                sys?: true | string[];
            };
        };

    /**
     * What a worker may use. Numbers are bytes, milliseconds or counts; texts have units (`"64M"`, `"200ms"`);
     * `Infinity` and `"unlimited"` are no limit. None may be above what the creator has; what is not given is the
     * default, or the creator's where that is lower. What the worker uses of memory, CPU, workers and output counts in
     * its creator's, too.
     */
    interface WorkerLimits {
        memory?: number | string;
        heap?: number | string;
        cpu?: number | string;
        turnCpu?: number | string;
        wall?: number | string;
        idle?: number | string;
        startup?: number | string;
        stack?: number | string;
        queue?: number | string;
        queueBytes?: number | string;
        ports?: number | string;
        timers?: number | string;
        ops?: number | string;
        workers?: number | string;
        depth?: number | string;
        output?: number | string;
        soft?: number | string;
        grace?: number | string;
    }

    /** What cay adds to the options of `new Worker`. A member of another name is a TypeError. */
    interface WorkerCayOptions { permissions?: WorkerPermissions; limits?: WorkerLimits }

    /** A permission, or with its second member a part of it. */
    type PermissionDescriptor =
        | { name: "read" | "write"; path?: FsPath }
        | { name: "net" | "import"; host?: string }
        | { name: "env"; variable?: string }
        | { name: "sys"; kind?: string }
        | { name: "eval" | "wasm" | "shared-memory" | "fine-clock" };

    /** `partial`: something below what was asked about is granted, not all. */
    interface PermissionState { state: "granted" | "denied" | "partial" }

    /**
     * A path, relative to the worker's directory when it does not begin with `/`, or a URL object of the scheme
     * `file:`; a string is always a path. Only regular files and directories are opened: no devices, pipes or sockets.
     */
    type FsPath = string | URL;

    /**
     * `maxBytes`: a larger file is an error (`LimitReached`), 1 GiB when left out and at most; `signal` ends the
     * operation.
     */
    interface ReadOptions { maxBytes?: number; signal?: AbortSignal }

    /**
     * `append`: at the end of what is there, in place of it; `create`: make the file when it is missing, true when left
     * out; `exclusive`, or `createNew`: an error (`AlreadyExists`) when it is there.
     */
    interface WriteOptions {
        append?: boolean;
        create?: boolean;
        exclusive?: boolean;
        createNew?: boolean;
        signal?: AbortSignal;
    }

    /** All false when left out; at least one of `read`, `write` and `append` must be set. */
    interface OpenOptions {
        read?: boolean;
        write?: boolean;
        append?: boolean;
        create?: boolean;
        exclusive?: boolean;
        createNew?: boolean;
        truncate?: boolean;
    }

    /** Facts about a file. `mode` has the permission bits; times are in whole seconds without `fine-clock`. */
    interface FileInfo {
        isFile: boolean;
        isDirectory: boolean;
        isSymlink: boolean;
        size: number;
        mode: number;
        mtime: Date;
        atime: Date;
        ctime: Date;
        birthtime: Date | null;
    }

    /** An entry of a directory. What in a name is not UTF-8 is shown as U+FFFD. */
    interface DirEntry { name: string; isFile: boolean; isDirectory: boolean; isSymlink: boolean }

    /** What operations of cay fail with. */
    namespace errors {
        /** Invalid argument. */
        class InvalidArgument extends Error {
            constructor(message?: string);
            readonly code: "InvalidArgument";
        }
        /** Out of memory. */
        class OutOfMemory extends Error {
            constructor(message?: string);
            readonly code: "OutOfMemory";
        }
        /** Nothing there yet, or no room, or a bound was reached. */
        class LimitReached extends Error {
            constructor(message?: string);
            readonly code: "LimitReached";
        }
        /** Timed out. */
        class TimedOut extends Error {
            constructor(message?: string);
            readonly code: "TimedOut";
        }
        /** Closed. */
        class Closed extends Error {
            constructor(message?: string);
            readonly code: "Closed";
        }
        /** In use. */
        class Busy extends Error {
            constructor(message?: string);
            readonly code: "Busy";
        }
        /** Not found. */
        class NotFound extends Error {
            constructor(message?: string);
            readonly code: "NotFound";
        }
        /** Not permitted. */
        class NotCapable extends Error {
            constructor(message?: string);
            readonly code: "NotCapable";
        }
        /** Not supported. */
        class NotSupported extends Error {
            constructor(message?: string);
            readonly code: "NotSupported";
        }
        /** Malformed data. */
        class InvalidData extends Error {
            constructor(message?: string);
            readonly code: "InvalidData";
        }
        /** Input or output failed. */
        class IoError extends Error {
            constructor(message?: string);
            readonly code: "IoError";
        }
        /** It exists already. */
        class AlreadyExists extends Error {
            constructor(message?: string);
            readonly code: "AlreadyExists";
        }
        /** Not a directory. */
        class NotADirectory extends Error {
            constructor(message?: string);
            readonly code: "NotADirectory";
        }
        /** Is a directory. */
        class IsADirectory extends Error {
            constructor(message?: string);
            readonly code: "IsADirectory";
        }
        /** The directory is not empty. */
        class NotEmpty extends Error {
            constructor(message?: string);
            readonly code: "NotEmpty";
        }
        /** No space left. */
        class NoSpace extends Error {
            constructor(message?: string);
            readonly code: "NoSpace";
        }
        /** The operating system refused it. */
        class PermissionDenied extends Error {
            constructor(message?: string);
            readonly code: "PermissionDenied";
        }
        /** The network failed. */
        class NetworkError extends Error {
            constructor(message?: string);
            readonly code: "NetworkError";
        }
        /** Terminated. */
        class Interrupted extends Error {
            constructor(message?: string);
            readonly code: "Interrupted";
        }
    }
}

/** Fired at a `Worker` once, after everything else, when it has ended. */
declare class WorkerCloseEvent extends Event {
    /** "closed", "terminated", or what ended it. */
    readonly reason: string;
    readonly exitCode: number;
    readonly usage: {
        readonly cpuMs: number;
        readonly wallMs: number;
        readonly peakHeap: number;
        readonly messagesIn: number;
        readonly messagesOut: number;
    };
}

interface WorkerEventMap {
    close: WorkerCloseEvent;
}

interface Worker {
    onclose: ((this: Worker, event: WorkerCloseEvent) => unknown) | null;
}

interface WorkerOptions {
    /** What the new worker may do. It never gets more than its parent has. */
    cay?: cay.WorkerCayOptions;
}
