using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Audit;

[Category("Slow")]
[NonParallelizable]
public sealed class EventApiTests
{
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(8);

    [Test]
    public async Task Stream_WhenOneOf32WritersCommitsLate_DeliversEachEventOnce()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.Client;
        var committed = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var received = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var positions = new ConcurrentQueue<long>();
        using var stop = new CancellationTokenSource();
        var reader = ReadAsync(client, received, positions, stop.Token);

        // One writer inserts its event and commits after all others.
        await using var sitter = new NpgsqlConnection(server.ConnectionString);
        await sitter.OpenAsync();
        await using var transaction = await sitter.BeginTransactionAsync();
        var late = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using (
            var insert = new NpgsqlCommand(
                "insert into events (id, at, actor, through, action, target_type, target_id, outcome) "
                    + $"values ('{late}', now(), 'sitter', 'test', 'late.one', 'test', '{late}', 'success')",
                sitter,
                transaction
            )
        )
        {
            await insert.ExecuteNonQueryAsync();
        }

        var from = TimeProvider.System.GetTimestamp();
        var writers = Enumerable
            .Range(0, 31)
            .Select(async writer =>
            {
                for (var i = 0; TimeProvider.System.GetElapsedTime(from) < OpenFor; i++)
                {
                    var answer = await client.PostAsync(
                        "/api/v1/projects",
                        $$"""{"name":"Writer {{writer}}","unix_name":"w{{writer}}-n{{i}}"}"""
                    );
                    committed[(string)answer.Body!["id"]!] = TimeProvider.System.GetTimestamp();
                    await Task.Delay(40);
                }
            })
            .ToList();
        await Task.WhenAll(writers);
        await Eventually.UntilAsync(() => received.Count >= committed.Count, "the stream has the events of all 31 writers");
        Assert.That(received.ContainsKey(late.ToString()), Is.False, "the stream has an uncommitted event");
        await transaction.CommitAsync();
        await Eventually.UntilAsync(() => received.ContainsKey(late.ToString()), "the stream has the late event");
        await stop.CancelAsync();
        await reader;

        Assert.That(
            positions,
            Is.EqualTo(Enumerable.Range(1, positions.Count).Select(i => (long)i)),
            "positions are in order and have no gap"
        );
        Assert.That(received.Keys.Except([late.ToString()]), Is.EquivalentTo(committed.Keys));
        var delays = committed.Select(c => TimeProvider.System.GetElapsedTime(c.Value, received[c.Key]).TotalMilliseconds).Order().ToList();
        TestContext.Out.WriteLine(
            $"{committed.Count} events; answer to stream p50 {delays[delays.Count / 2]:F1} ms, p99 {delays[delays.Count * 99 / 100]:F1} ms"
        );
    }

    [Test]
    public async Task Stream_WhenResumedOnAnotherReplica_ContinuesAfterTheLastEvent()
    {
        await using var first = await TestServer.StartAsync();
        await using var second = await TestServer.StartAsync(share: first);
        for (var i = 0; i < 30; i++)
        {
            await (i % 2 == 0 ? first : second).Client.CreateProjectAsync($"replica-{i}");
        }

        // The first event is the creation of the admin token.
        const int Events = 31;
        var positions = new List<string>();
        string last = "0";
        for (var connection = 0; positions.Count < Events; connection++)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            var taken = 0;
            await foreach (
                var one in EventStreamReader.ReadAsync((connection % 2 == 0 ? first : second).Client, "/api/v1/events", last, limit.Token)
            )
            {
                positions.Add(last = one.Id!);
                if (++taken == 3 || positions.Count == Events)
                {
                    break;
                }
            }
        }

        Assert.That(positions, Is.EqualTo(Enumerable.Range(1, Events).Select(i => i.ToString())));
        var page = (await second.Client.GetAsync("/api/v1/events?limit=10&cursor=21")).Body!;
        Assert.That(page["items"]!.AsArray().Select(e => (long)e!["position"]!), Is.EqualTo(Enumerable.Range(22, 10).Select(i => (long)i)));
        Assert.That((string?)page["next_cursor"], Is.Null);
    }

    [Test]
    public async Task Stream_OnAnotherReplica_DeliversAChange()
    {
        await using var first = await TestServer.StartAsync();
        await using var second = await TestServer.StartAsync(share: first);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var events = EventStreamReader
            .ReadAsync(second.Client, "/api/v1/events?action=project.created", "0", limit.Token)
            .GetAsyncEnumerator(limit.Token);
        var before = await first.Client.CreateProjectAsync();
        Assert.That(await TargetAsync(), Is.EqualTo(before));

        // Now the stream has caught up and waits.
        var next = TargetAsync();
        var id = await first.Client.CreateProjectAsync();
        Assert.That(await next, Is.EqualTo(id));

        async Task<string?> TargetAsync() =>
            await events.MoveNextAsync() ? (string?)JsonNode.Parse(events.Current.Data)!["target_id"] : null;
    }

    [Test]
    public async Task Event_OfAChange_HasActorOutcomeAddressAndValues()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.Client.CreateProjectAsync();
        await server.Client.PatchAsync($"/api/v1/projects/{id}", """{"description":"new"}""");
        var page = await Eventually.GetAsync(
            () => server.Client.GetAsync("/api/v1/events?action=project.updated"),
            a => a.Body!["items"]!.AsArray().Count == 1,
            "the event has its position"
        );
        var one = page.Body!["items"]![0]!;
        Assert.Multiple(() =>
        {
            Assert.That(
                ((string)one["actor"]!, (string)one["through"]!, (string)one["outcome"]!, (string)one["address"]!),
                Is.EqualTo(("admin-token", "token", "success", "127.0.0.1"))
            );
            Assert.That(((string)one["before"]!["description"]!, (string)one["after"]!["description"]!), Is.EqualTo(("", "new")));
            Assert.That((string)one["request_id"]!, Has.Length.EqualTo(32));
        });
    }

    private static async Task ReadAsync(
        WombatClient client,
        ConcurrentDictionary<string, long> received,
        ConcurrentQueue<long> positions,
        CancellationToken stop
    )
    {
        try
        {
            await foreach (var one in EventStreamReader.ReadAsync(client, "/api/v1/events", "0", stop))
            {
                positions.Enqueue(long.Parse(one.Id!));
                var told = JsonNode.Parse(one.Data)!;

                // The first event is the creation of the admin token.
                if ((string)told["target_type"]! != "platform")
                {
                    received[(string)told["target_id"]!] = TimeProvider.System.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test has stopped the reader.
        }
    }
}
