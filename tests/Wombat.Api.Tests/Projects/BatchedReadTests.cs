using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Projects;

/// <summary>Reads that share a round trip return what each would return alone.</summary>
public sealed class BatchedReadTests
{
    private const string Projects = "/api/v1/projects";
    private const int Readers = 24;
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string>
            {
                // The readers exceed the rate limit of one credential.
                ["RATE_LIMIT_REQUESTS_PER_SECOND"] = "0",
                ["RATE_LIMIT_REQUESTS_IN_FLIGHT"] = "0",
            }
        );

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCase(true)]
    [TestCase(false)]
    public async Task Read_AfterACommit_ReturnsTheCommittedVersion(bool byId)
    {
        var path = $"{Projects}/{await Client.CreateProjectAsync()}";
        var committed = 1;
        using var done = new CancellationTokenSource();
        async Task<int> ReadAsync()
        {
            var reads = 0;
            while (!done.IsCancellationRequested)
            {
                var least = Volatile.Read(ref committed);
                var answer = await Client.GetAsync(byId ? path : $"{Projects}?limit=1");
                var version = (int)(byId ? answer.Body!["version"]! : answer.Body!["items"]![0]!["version"]!);
                Assert.That(version, Is.GreaterThanOrEqualTo(least));
                reads++;
            }

            return reads;
        }

        var readers = Enumerable.Range(0, Readers).Select(_ => Task.Run(ReadAsync)).ToList();
        try
        {
            for (var change = 0; change < 150; change++)
            {
                var changed = await Client.PatchAsync(path, $$"""{"description":"change {{change}}"}""");
                Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.OK), changed.ToString());
                Volatile.Write(ref committed, (int)changed.Body!["version"]!);
            }
        }
        finally
        {
            await done.CancelAsync();
        }

        Assert.That((await Task.WhenAll(readers)).Sum(), Is.GreaterThan(Readers * 10));
    }

    [Test]
    public async Task Read_OfManyCallersAtOnce_ReturnsEachTheirOwnResult()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Client.CreateProjectAsync()));
        var (viewer, _) = await Client.CreateMemberAsync(ids[0], "viewer");
        using var stranger = viewer;
        async Task ReadAsync(WombatClient who, int n)
        {
            var answer = await who.GetAsync($"{Projects}/{ids[n]}");
            if (who == viewer && n > 0)
            {
                Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.NotFound));
                return;
            }

            Assert.That((string)answer.Body!["id"]!, Is.EqualTo(ids[n]));
            Assert.That(answer.Body["actions"]!.AsArray().Any(a => (string)a! == "delete"), Is.EqualTo(who == Client));
        }

        await Task.WhenAll(Enumerable.Range(0, 600).Select(n => ReadAsync(n % 3 == 0 ? viewer : Client, n % ids.Length)));
        var lists = await Task.WhenAll(
            Enumerable
                .Range(0, 200)
                .Select(async n => (IsViewer: n % 2 == 0, Answer: await (n % 2 == 0 ? viewer : Client).GetAsync($"{Projects}?limit=50")))
        );
        foreach (var (isViewer, answer) in lists)
        {
            var items = answer.Body!["items"]!.AsArray();
            Assert.That(items, isViewer ? Has.Count.EqualTo(1) : Has.Count.GreaterThanOrEqualTo(ids.Length));
            Assert.That(items.All(i => i!["actions"]!.AsArray().Any(a => (string)a! == "delete") != isViewer), Is.True);
        }
    }
}
