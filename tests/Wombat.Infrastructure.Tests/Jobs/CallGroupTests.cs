using System.Collections.Concurrent;
using Npgsql;
using Wombat.Infrastructure.Jobs;

namespace Wombat.Infrastructure.Tests.Jobs;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CallGroupTests
{
    private readonly ConcurrentQueue<int> sizes = new();
    private readonly TaskCompletionSource first = new();

    [Test]
    public async Task Call_WhileOthersAreUnderWay_IsMadeTogetherWithThoseThatWait()
    {
        var group = new CallGroup<int, int>(Answer(_ => { }));
        var calls = Enumerable.Range(0, 30).Select(group.CallAsync).ToList();
        first.SetResult();
        Assert.That(await Task.WhenAll(calls), Is.EqualTo(Enumerable.Range(0, 30).Select(n => n * 2)));
        Assert.That(sizes.Sum(), Is.EqualTo(30));
        Assert.That(sizes, Has.Count.LessThan(30));
    }

    [Test]
    public async Task Call_ThatTheDatabaseRefuses_FailsAlone()
    {
        var group = new CallGroup<int, int>(
            Answer(calls =>
            {
                if (calls.Contains(7))
                {
                    throw new PostgresException("invalid text", "ERROR", "ERROR", PostgresErrorCodes.CharacterNotInRepertoire);
                }
            })
        );
        var calls = Enumerable.Range(0, 20).Select(group.CallAsync).ToList();
        first.SetResult();
        Assert.That(async () => await calls[7], Throws.InstanceOf<PostgresException>());
        calls.RemoveAt(7);
        Assert.That(await Task.WhenAll(calls), Has.Length.EqualTo(19));
    }

    [Test]
    public async Task Calls_WhenTheDatabaseIsAway_FailAtOnceAndLaterOnesAreMade()
    {
        var isAway = true;
        var group = new CallGroup<int, int>(Answer(_ => Throw(Volatile.Read(ref isAway))));
        var calls = Enumerable.Range(0, 20).Select(group.CallAsync).ToList();
        first.SetResult();
        foreach (var call in calls)
        {
            Assert.That(async () => await call, Throws.InstanceOf<NpgsqlException>());
        }

        Assert.That(sizes, Has.Count.LessThan(20), "calls that failed together are not made again one by one");
        Volatile.Write(ref isAway, false);
        Assert.That(await group.CallAsync(4), Is.EqualTo(8));
    }

    private static void Throw(bool isAway)
    {
        if (isAway)
        {
            throw new NpgsqlException("away", new IOException());
        }
    }

    // The groups wait until all calls of a test were requested.
    private Func<IReadOnlyList<int>, Task<IReadOnlyList<int>>> Answer(Action<IReadOnlyList<int>> check) =>
        async calls =>
        {
            await first.Task;
            sizes.Enqueue(calls.Count);
            check(calls);
            return [.. calls.Select(n => n * 2)];
        };
}
