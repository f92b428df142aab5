using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Many followers of one run, and slow ones, over event streams and WebSockets.</summary>
[Category("Slow")]
[NonParallelizable]
public sealed class RunFollowersTests : CommandTestBase
{
    private const int Followers = 200;
    private const int Lines = 20_000;
    private const int LongLines = 100_000;

    // The limit of streams is one of each user.
    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["RATE_LIMIT_STREAMS"] = $"{2 * Followers}" };

    private string Gate => Path.Combine(Directory, "go");

    [Test]
    public async Task Followers_TwoHundredOfOneRun_GetEachLineOnceAndInOrder()
    {
        var run = await StartWaitingAsync($"seq 1 {Lines}");
        var attached = 0;
        var following = Enumerable
            .Range(0, Followers)
            .Select(n => Task.Run(() => FollowAsync(run, isSocket: n % 2 == 0, () => Interlocked.Increment(ref attached))))
            .ToList();
        await Eventually.UntilAsync(() => Volatile.Read(ref attached) == Followers || following.Exists(f => f.IsFaulted), "all follow");
        await File.WriteAllTextAsync(Gate, "");
        Assert.That(await Task.WhenAll(following), Is.All.EqualTo(Lines));
        Assert.That((string)(await EndAsync(run))["status"]!, Is.EqualTo("succeeded"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Follower_SlowerThanTheRun_GetsEachLineAfterItsEnd(bool isSocket)
    {
        var run = await StartWaitingAsync($"seq -f '%.0f {new string('x', 90)}' 1 {LongLines}");
        var isAttached = false;
        var lines = new NumberedLines();
        var slow = Task.Run(async () =>
        {
            await foreach (var json in ReadAsync(run, isSocket))
            {
                isAttached = true;
                lines.Add(json);
                await Task.Delay(20);
            }
        });
        await Eventually.UntilAsync(() => Volatile.Read(ref isAttached), "the slow one follows");
        await File.WriteAllTextAsync(Gate, "");
        Assert.That((string)(await EndAsync(run))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(lines.Last, Is.LessThan(LongLines), "the run did not wait for the slow one");
        await slow;
        Assert.That(lines.Last, Is.EqualTo(LongLines));
    }

    // A run whose program prints only when all have attached.
    private async Task<string> StartWaitingAsync(string program)
    {
        File.Delete(Gate);
        var script = $"echo waiting >&2; while [ ! -e '{Gate}' ]; do sleep 0.05; done; {program}";
        var run = await StartAsync(await CreateLocalAsync(["sh", "-c", script]));
        await Eventually.UntilAsync(
            async () => (await LinesAsync(run)).Any(l => (string)l["text"]! == "waiting"),
            "the program waits for the followers"
        );
        return run;
    }

    private async Task<int> FollowAsync(string run, bool isSocket, Action attached)
    {
        var lines = new NumberedLines();
        var isFirst = true;
        await foreach (var json in ReadAsync(run, isSocket))
        {
            lines.Add(json);
            if (isFirst)
            {
                isFirst = false;
                attached();
            }
        }

        return lines.Last;
    }

    // Arrays of lines until the end of the run.
    private IAsyncEnumerable<string> ReadAsync(string run, bool isSocket) =>
        isSocket
            ? LogSocketReader.ReadAsync(Client, $"{JobOf(run)}/log").Where(m => m[0] == '[')
            : EventStreamReader.ReadAsync(Client, $"{JobOf(run)}/log").TakeWhile(e => e.Name != "end").Select(e => e.Data);
}
