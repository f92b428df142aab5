using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Application.Tests.Common;

/// <summary>A loader whose reads the test completes by hand.</summary>
public sealed class BatchingLoaderTests
{
    private BlockingCollection<Read> reads = null!;
    private FakeTimeProvider clock = null!;
    private BatchingLoader<string, int, string> together = null!;

    [SetUp]
    public void Begin()
    {
        (reads, clock) = ([], new FakeTimeProvider());
        together = new(key => key.StartsWith('-') ? 1 : 0, ReadAsync, clock);
    }

    [TearDown]
    public void End() => reads.Dispose();

    [Test]
    public async Task Read_WhenAlone_StartsAtOnce()
    {
        var asked = together.ReadAsync("a", default);
        Begun().Found("a");
        Assert.That(await asked, Is.EqualTo("a"));
    }

    [Test]
    public async Task Read_WhenKeyIsMissing_IsNull()
    {
        var asked = together.ReadAsync("a", default);
        Begun().Found(Array.Empty<string>());
        Assert.That(await asked, Is.Null);
    }

    [Test]
    public async Task Read_WhileABatchRuns_JoinsTheNextBatch()
    {
        var first = together.ReadAsync("a", default);
        var one = Begun();
        var later = new[] { "a", "b", "b", "c" }.Select(key => together.ReadAsync(key, default)).ToList();
        one.Found(("a", "old"));
        var two = Begun();
        Assert.That(two.Keys, Is.EquivalentTo(new[] { "a", "b", "c" }));
        two.Found(("a", "new"), ("b", "b"));
        Assert.That(await first, Is.EqualTo("old"));
        Assert.That(await Task.WhenAll(later), Is.EqualTo(new[] { "new", "b", "b", null }));
        Assert.That(reads, Is.Empty);
    }

    [Test]
    public async Task Read_InAnotherPartition_DoesNotWait()
    {
        var here = together.ReadAsync("a", default);
        var mine = Begun();
        var there = together.ReadAsync("-b", default);
        Begun().Found("-b");
        Assert.That(await there, Is.EqualTo("-b"));
        mine.Found("a");
        Assert.That(await here, Is.EqualTo("a"));
    }

    [Test]
    public async Task Read_WhenTheBatchFails_FailsOnlyItsCallers()
    {
        var first = together.ReadAsync("a", default);
        var one = Begun();
        var second = together.ReadAsync("a", default);
        one.Answer.SetException(new InvalidOperationException("down"));
        Assert.That(async () => await first, Throws.InvalidOperationException);
        Begun().Found("a");
        Assert.That(await second, Is.EqualTo("a"));
    }

    [Test]
    public async Task Read_WhenOneCallerCancels_StillAnswersTheOthers()
    {
        using var leave = new CancellationTokenSource();
        var leaving = together.ReadAsync("a", leave.Token);
        var one = Begun();
        var staying = together.ReadAsync("a", default);
        await leave.CancelAsync();
        Assert.That(async () => await leaving, Throws.InstanceOf<OperationCanceledException>());
        one.Found("a");
        Begun().Found("a");
        Assert.That(await staying, Is.EqualTo("a"));
    }

    [Test]
    public async Task Read_WhenTheBatchHangs_DelaysTheNextOnlyForTheMaxWait()
    {
        var hung = together.ReadAsync("a", default);
        var one = Begun();
        var next = together.ReadAsync("b", default);
        Assert.That(reads, Is.Empty);
        clock.Advance(TimeSpan.FromSeconds(1));
        Begun().Found("b");
        Assert.That(await next, Is.EqualTo("b"));
        Assert.That(hung.IsCompleted, Is.False);
        one.Found("a");
        Assert.That(await hung, Is.EqualTo("a"));
    }

    [Test]
    public void Read_WhenNothingAnswers_IsUnavailable()
    {
        var asked = together.ReadAsync("a", default);
        Begun();
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(async () => await asked, Throws.TypeOf<ExternalSystemException>());
    }

    [Test]
    public async Task Read_OfManyAtOnce_ReturnsEachItsValue()
    {
        var answering = Task.Run(() =>
        {
            foreach (var read in reads.GetConsumingEnumerable())
            {
                read.Found(read.Keys);
            }
        });
        var asked = await Task.WhenAll(
            Enumerable
                .Range(0, 5_000)
                .Select(n => Task.Run(async () => (Key: $"{n % 700}", Value: await together.ReadAsync($"{n % 700}", default))))
        );
        Assert.That(asked.Where(a => a.Key != a.Value), Is.Empty);
        reads.CompleteAdding();
        await answering;
    }

    private Task<IReadOnlyDictionary<string, string>> ReadAsync(IReadOnlyCollection<string> keys)
    {
        var read = new Read([.. keys]);
        reads.Add(read);
        return read.Answer.Task;
    }

    private Read Begun() => reads.TryTake(out var read, TimeSpan.FromSeconds(10)) ? read : throw new AssertionException("No read began.");

    private sealed record Read(string[] Keys)
    {
        public TaskCompletionSource<IReadOnlyDictionary<string, string>> Answer { get; } = new();

        public void Found(params string[] keys) => Answer.SetResult(keys.ToDictionary(k => k, StringComparer.Ordinal));

        public void Found(params (string Key, string Value)[] rows) =>
            Answer.SetResult(rows.ToDictionary(r => r.Key, r => r.Value, StringComparer.Ordinal));
    }
}
