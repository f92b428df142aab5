using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Measurements of real local containers.</summary>
[Category("Slow")]
public sealed class ContainerMetricsTests : InsideTestBase
{
    protected override IReadOnlyDictionary<string, string> MoreSettings =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["CONTAINER_METRICS_INTERVAL_SECONDS"] = "1" };

    [Test]
    public async Task Metrics_OfABusyContainer_TellWhatItUses()
    {
        var job = await ExecAsync("", "timeout", "60", "sh", "-c", "head -c 30000000 /dev/zero > /dev/shm/full; while :; do :; done");
        var busy = await Eventually.GetAsync(
            async () => (await ListAsync()).LastOrDefault(),
            s => (double?)s?["cpu"] > 0.2 && (long?)s["memory"] > 30_000_000,
            "its use of the processor and memory is measured",
            TimeSpan.FromMinutes(1)
        );
        await Client.PostAsync($"{job}/cancel");
        Assert.That((double)busy!["cpu"]!, Is.LessThan(Environment.ProcessorCount + 1));
        Assert.That((long)busy["processes"]!, Is.InRange(2, 50));
        Assert.That(busy["disk"], Is.Null, "it has no disk of its own");
        Assert.That((double?)busy["received"], Is.Not.Null.And.GreaterThanOrEqualTo(0));
        var times = (await ListAsync()).Select(s => DateTimeOffset.Parse((string)s!["at"]!)).ToList();
        Assert.That(times, Is.Ordered.And.Unique);

        var page = (await Client.GetAsync("/metrics")).Text;
        var name = (string)(await Client.GetAsync(Container)).Body!["name"]!;
        foreach (var metric in new[] { "cpu_seconds_total", "memory_bytes", "received_bytes_total", "sent_bytes_total", "processes" })
        {
            Assert.That(page, Does.Match($$"""(?m)^wombat_container_{{metric}}\{project="[^"]+",container="{{name}}"\} [0-9]"""));
        }

        Assert.That(page, Does.Contain("wombat_containers_not_exported 0"));
    }

    [Test]
    public async Task Metrics_AfterARestart_HaveNoRatesFromBefore()
    {
        var (path, _) = await NewContainerAsync();
        await Eventually.UntilAsync(async () => (await ListAsync(path)).Count > 2, "it is measured");
        await Client.WaitForJobAsync((await Client.PostAsync($"{path}/restart")).Location!);
        var before = (await ListAsync(path)).Count;
        await Eventually.UntilAsync(async () => (await ListAsync(path)).Count > before + 1, "it is measured again");
        var rates = (await ListAsync(path)).Select(s => (double?)s!["cpu"]).ToList();
        Assert.That(rates.Count(r => r is null), Is.EqualTo(2), "the first sample of each start");
        Assert.That(rates.OfType<double>(), Is.All.GreaterThanOrEqualTo(0));
    }

    [Test]
    public async Task Metrics_AfterTheClockWasSetBack_HaveNoNegativeRates()
    {
        var (path, name) = await NewContainerAsync();
        await Lxc.InsideAsync(Server.DataDirectory, name, "timeout 2 sh -c 'while :; do :; done'");
        await Eventually.UntilAsync(async () => (await ListAsync(path)).Count > 2, "it is measured");
        await Client.WaitForJobAsync((await Client.PostAsync($"{path}/stop")).Location!);
        var id = path[(path.LastIndexOf('/') + 1)..];
        var newest = $"(select max(at) from container_samples where container_id = '{id}')";
        await Server.ExecuteAsync(
            $"""
            insert into container_samples (container_id, at, started, cpu_ms, received, sent)
            select container_id, at - interval '500 milliseconds', started, cpu_ms + 5000, received + 5000, sent + 5000
            from container_samples where container_id = '{id}' and at = {newest}
            """
        );
        var samples = await ListAsync(path);
        foreach (var rate in new[] { "cpu", "received", "sent" })
        {
            Assert.That(samples.Select(s => (double?)s![rate]).OfType<double>(), Is.All.GreaterThanOrEqualTo(0), rate);
        }
    }

    [TestCase("0")]
    [TestCase("1441")]
    public async Task Metrics_OfAnotherTime_NameTheField(string minutes)
    {
        var refused = await Client.GetAsync($"{Container}/metrics?minutes={minutes}");
        Assert.That((int)refused.Status, Is.EqualTo(400), refused.ToString());
        Assert.That(((JsonObject)refused.Body!["errors"]!).Select(e => e.Key), Is.EqualTo(new[] { "minutes" }));
    }

    private async Task<JsonArray> ListAsync(string? path = null) =>
        (await Client.GetAsync($"{path ?? Container}/metrics?minutes=5")).Body!["items"]!.AsArray();
}
