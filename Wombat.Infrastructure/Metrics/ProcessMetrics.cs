using System.Globalization;
using System.Reflection;
using System.Text;

namespace Wombat.Infrastructure.Metrics;

/// <summary>Metrics of the build, the process and the runtime.</summary>
internal sealed class ProcessMetrics(TimeProvider clock)
{
    private static readonly string Version =
        typeof(ProcessMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private readonly double startedAt = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000d;

    public void Append(StringBuilder text)
    {
        text.Describe("wombat_build_info", "gauge", "The version of Wombat and of .NET.")
            .Value("wombat_build_info", 1, $"version=\"{Version}\",dotnet=\"{Environment.Version}\"");
        text.Metric("process_cpu_seconds_total", "counter", "CPU time of the process.", Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Metric("process_resident_memory_bytes", "gauge", "Resident memory of the process.", Environment.WorkingSet);
        text.Metric("process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.", startedAt);
        text.Metric("process_open_fds", "gauge", "Open file descriptors.", Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        text.Metric("dotnet_gc_heap_size_bytes", "gauge", "Managed memory in use.", GC.GetTotalMemory(forceFullCollection: false));
        text.Metric(
            "dotnet_gc_pause_seconds_total",
            "counter",
            "Time in which the garbage collector paused the process.",
            GC.GetTotalPauseDuration().TotalSeconds
        );
        text.Describe("dotnet_gc_collections_total", "counter", "Garbage collections, by generation.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            text.Value(
                "dotnet_gc_collections_total",
                GC.CollectionCount(generation),
                $"generation=\"{generation.ToString(CultureInfo.InvariantCulture)}\""
            );
        }

        text.Metric("dotnet_thread_pool_threads", "gauge", "Threads in the thread pool.", ThreadPool.ThreadCount);
        text.Metric(
            "dotnet_thread_pool_queue_length",
            "gauge",
            "Work items that wait for a thread of the thread pool.",
            ThreadPool.PendingWorkItemCount
        );
    }
}
