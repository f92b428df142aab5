using System.Text;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Metrics;

/// <summary>
/// What the containers used when they were last measured, with a label for each: of the oldest ones up to the limit of the settings, so
/// that the number of time series is bounded.
/// </summary>
internal sealed class ContainerUsageMetrics(NpgsqlDataSource database, WombatSettings settings)
{
    private static readonly (string Name, string Type, string Help)[] Columns =
    [
        ("cpu_seconds_total", "counter", "CPU time of a container since its start."),
        ("memory_bytes", "gauge", "Memory of a container, without files that can be dropped from memory at once."),
        ("disk_bytes", "gauge", "Bytes in use on the disk of a container that has one of its own."),
        ("received_bytes_total", "counter", "Bytes that a container has received since its start."),
        ("sent_bytes_total", "counter", "Bytes that a container has sent since its start."),
        ("processes", "gauge", "Processes of a container."),
    ];

    private TimeSpan MaxAge => TimeSpan.FromSeconds(Math.Max(60, settings.SampleInterval.TotalSeconds * 3));

    public async Task AppendAsync(StringBuilder text, CancellationToken cancel)
    {
        if (settings.ExportedContainers == 0)
        {
            return;
        }

        var newest = await database.QueryAsync(
            $"""
            select p.unix_name, r.name, s.cpu_ms / 1000.0::float8, s.memory::float8, s.disk::float8, s.received::float8, s.sent::float8,
                s.processes::float8
            from (select distinct on (container_id) * from container_samples
                where at >= clock_timestamp() - {MaxAge} order by container_id, at desc) s
            join resources r on r.id = s.container_id and r.status <> 'deleted'
            join projects p on p.id = r.project_id
            order by r.id
            """,
            r => (Labels: $"project=\"{r.GetString(0)}\",container=\"{r.GetString(1)}\"", Values: Read(r)),
            cancel
        );
        var exported = newest.Take(settings.ExportedContainers).ToList();
        for (var column = 0; column < Columns.Length; column++)
        {
            var (name, type, help) = Columns[column];
            text.Describe("wombat_container_" + name, type, help);
            foreach (var (labels, values) in exported)
            {
                if (values[column] is { } value)
                {
                    text.Value("wombat_container_" + name, value, labels);
                }
            }
        }

        text.Metric(
            "wombat_containers_not_exported",
            "gauge",
            "Measured containers that are left out of the metrics of containers, beyond container_metrics.exported.",
            newest.Count - exported.Count
        );
    }

    private static double?[] Read(NpgsqlDataReader reader) =>
        [.. Enumerable.Range(2, Columns.Length).Select(c => reader.ValueOrDefault<double?>(c))];
}
