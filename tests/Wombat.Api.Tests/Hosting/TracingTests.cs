using Wombat.TestSupport;

namespace Wombat.Api.Tests.Hosting;

/// <summary>Spans sent by OTLP.</summary>
public sealed class TracingTests
{
    [Test]
    public async Task Create_WhenTracingIsOn_IsOneTraceFromRequestToForge()
    {
        using var folder = new TestFolder();
        await using var pve = await FakePve.StartAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        var exports = string.Join('\n', pve.Environment().Select(e => $"export {e.Key}='{e.Value}'"));
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(
                folder.Path,
                "forge-pve",
                $"{exports}\nexec '{WombatProcess.Forge()}' \"$@\""
            ),
            ["WOMBAT_PLUGINS_PROXMOX_DIALECT"] = "forge",
            ["WOMBAT_PLUGINS_PROXMOX_HOST_BOUND"] = "false",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        };
        var data = Path.Combine(folder.Path, "data");
        await using var process = WombatProcess.Start(data, environment);
        using var client = await process.ReadyAsync(data);
        var project = await client.CreateProjectAsync();
        var accepted = await client.PostAsync(
            $"/api/v1/projects/{project}/containers",
            """{"name":"web","template":"debian-12"}""",
            ("traceparent", "00-11111111111111111111111111111111-2222222222222222-01")
        );
        await client.WaitForJobAsync(accepted.Location!);
        var traceId = accepted.Headers.GetValues("Trace-Id").Single();
        string[] expected = ["POST /api/v1/projects/{id}/containers/", "job resource.provision", "plugin create", "forge create"];
        IReadOnlyList<ReceivedSpan> Trace() => [.. receiver.Spans.Where(s => s.TraceId == traceId)];
        await Eventually.UntilAsync(() => expected.All(n => Trace().Any(s => s.Name == n)), "all spans of the trace arrive");

        // Each span is the parent of the next.
        var chain = expected.Select(n => Trace().First(s => s.Name == n)).ToArray();
        Assert.That(chain[0].ParentId, Is.Empty, "a client does not choose the trace");
        Assert.That(chain.Skip(1).Select(s => s.ParentId), Is.EqualTo(chain.SkipLast(1).Select(s => s.Id)));
    }
}
