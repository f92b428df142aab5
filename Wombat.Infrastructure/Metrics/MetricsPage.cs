using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Npgsql;
using Wombat.Application.Metrics;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Jobs;

namespace Wombat.Infrastructure.Metrics;

/// <summary>Collects the instruments of the process and writes them, with the metrics of the database, as Prometheus text.</summary>
public sealed class MetricsPage : IMetricsPage, IDisposable
{
    private static readonly double[] JobBuckets = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
    private static readonly double[] SecondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly string[] Meters = ["Wombat.Jobs", "Wombat.Plugins", "Wombat.Access"];
    private const string Requests = "http.server.request.duration";

    private readonly ProcessMetrics process;
    private readonly DatabaseMetrics database;
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Key, Series> series = new();

    public MetricsPage(JobStore jobs, NpgsqlDataSource database, WombatSettings settings, TimeProvider clock)
    {
        process = new ProcessMetrics(clock);
        this.database = new DatabaseMetrics(database, jobs, new ContainerUsageMetrics(database, settings));
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (Meters.Contains(instrument.Meter.Name, StringComparer.Ordinal) || instrument.Name == Requests)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((i, v, tags, _) => Record(i, v, tags));
        listener.SetMeasurementEventCallback<double>((i, v, tags, _) => Record(i, v, tags));
        listener.Start();
    }

    public async Task<string> RenderAsync(CancellationToken cancel)
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var group in series.GroupBy(s => s.Key.Instrument).OrderBy(g => g.Key.Name, StringComparer.Ordinal))
        {
            Render(text, group.Key, group.Select(s => (LabelsOf(s.Key), s.Value)));
        }

        process.Append(text);
        await database.AppendAsync(text, cancel);
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    // Runs for every request: the key is the label values, without formatting.
    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        object? first = null,
            second = null,
            third = null;
        foreach (var (name, tag) in tags)
        {
            switch (name)
            {
                case "kind" or "plugin" or "http.request.method":
                    first = tag;
                    break;
                case "outcome" or "http.route":
                    second = tag;
                    break;
                case "http.response.status_code":
                    third = tag;
                    break;
            }
        }

        series
            .GetOrAdd(new Key(instrument, first, second, third), static key => new Series(BucketsOf(key.Instrument)))
            .Add(value, instrument is ObservableGauge<double>);
    }

    private static double[] BucketsOf(Instrument instrument) =>
        instrument is not Histogram<double> ? []
        : instrument.Meter.Name == "Wombat.Jobs" ? JobBuckets
        : SecondsBuckets;

    private static string LabelsOf(Key key)
    {
        string[] names = key.Instrument.Meter.Name switch
        {
            "Wombat.Jobs" => ["kind", "outcome"],
            "Wombat.Plugins" => ["plugin"],
            "Wombat.Access" => ["kind"],
            _ => ["http_request_method", "http_route", "http_response_status_code"],
        };
        object?[] values = [key.First, key.Second, key.Third];
        return string.Join(
            ',',
            names.Zip(values).Where(l => l.Second is not null).Select(l => $"{l.First}=\"{Escape(l.Second!.ToString()!)}\"")
        );
    }

    private static void Render(StringBuilder text, Instrument instrument, IEnumerable<(string Labels, Series Series)> all)
    {
        var histogram = instrument is Histogram<double>;
        var bounds = BucketsOf(instrument);
        var gauge = instrument is ObservableGauge<double> or UpDownCounter<long>;
        var name =
            instrument.Name.Replace('.', '_')
            + (
                histogram ? "_seconds"
                : gauge ? ""
                : "_total"
            );
        text.Append(
            CultureInfo.InvariantCulture,
            $"# HELP {name} {instrument.Description}\n# TYPE {name} {(histogram ? "histogram" : gauge ? "gauge" : "counter")}\n"
        );
        foreach (var (labels, one) in all)
        {
            var braces = labels.Length == 0 ? "" : $"{{{labels}}}";
            if (!histogram)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{braces} {one.Sum}\n");
                continue;
            }

            var comma = labels.Length == 0 ? "" : ",";
            var (buckets, count, sum) = one.Read();
            for (var i = 0; i < buckets.Length; i++)
            {
                var bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {buckets[i]}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{name}_sum{braces} {sum}\n{name}_count{braces} {count}\n");
        }
    }

    private static string Escape(string value) =>
        value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);

    private readonly record struct Key(Instrument Instrument, object? First, object? Second, object? Third);

    private sealed class Series(double[] bounds)
    {
        private readonly long[] counts = new long[bounds.Length == 0 ? 0 : bounds.Length + 1];
        private readonly Lock gate = new();
        private double sum;

        public double Sum
        {
            get
            {
                lock (gate)
                {
                    return sum;
                }
            }
        }

        public void Add(double value, bool replace)
        {
            lock (gate)
            {
                sum = replace ? value : sum + value;
                if (counts.Length > 0)
                {
                    var bucket = Array.FindIndex(bounds, b => value <= b);
                    counts[bucket < 0 ? ^1 : bucket]++;
                }
            }
        }

        public (long[] Cumulative, long Count, double Sum) Read()
        {
            lock (gate)
            {
                var cumulative = new long[counts.Length];
                var total = 0L;
                for (var i = 0; i < counts.Length; i++)
                {
                    cumulative[i] = total += counts[i];
                }

                return (cumulative, total, sum);
            }
        }
    }
}
