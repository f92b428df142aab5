using System.Runtime.CompilerServices;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>One search in one log: reads its blocks in the requested direction until enough is found or searched.</summary>
internal sealed class LogSearchRun(IJobLogReader logs, SearchJobLog request, long lastNumber)
{
    private const int FirstBlocks = 4;
    private const int MostBlocks = 64;

    // A block of one line costs about as much as so many bytes of text.
    private const int BlockOverhead = 512;

    private const int MaxContextText = 1000;

    private readonly bool isBackward = request.Direction == SearchDirection.Backward;
    private readonly long first = Math.Max(1, (request.Direction == SearchDirection.Backward ? request.To : request.From) ?? 1);
    private readonly long last = Math.Min(
        lastNumber,
        (request.Direction == SearchDirection.Backward ? request.From : request.To) ?? lastNumber
    );

    /// <summary>The line that the next answer begins with; null if everything was searched.</summary>
    private long? next;

    public async Task<LogSearchPage> FindAsync(CancellationToken cancel)
    {
        var matcher = request.Text is { } text ? LogMatcher.Of(text, request.IsCaseSensitive) : LogMatcher.EveryLine;
        using var search = new LogSearch(matcher, request.Streams);
        var (hits, count) = (new List<LogHit>(), 0L);
        await foreach (var block in BlocksAsync(cancel))
        {
            search.Load(block, first, last);
            count += search.Count;
            if (request.Limit == 0)
            {
                continue;
            }

            var left = request.Limit - hits.Count;
            var found = search.Hits(
                search.Count <= left ? Range.All
                : isBackward ? ^left..
                : ..left
            );
            if (isBackward)
            {
                found.Reverse();
            }

            hits.AddRange(found);
            if (hits.Count == request.Limit)
            {
                count = hits.Count;
                next = After(hits[^1].Number);
                break;
            }
        }

        return new LogSearchPage(hits, count, lastNumber, next);
    }

    /// <summary>The first line of stderr that tells of an error; if there is none, the first one of the other streams.</summary>
    public async Task<LogSearchPage> FindFirstErrorAsync(CancellationToken cancel)
    {
        using var search = new LogSearch(LogMatcher.Errors, request.Streams);
        LogHit? other = null;
        await foreach (var block in BlocksAsync(cancel))
        {
            search.Load(block, first, last);
            if (search.Count == 0)
            {
                continue;
            }

            if (search.Hits(Range.All).Find(h => h.Stream == LogStream.Stderr) is { } error)
            {
                next = After(error.Number);
                return new LogSearchPage([error], 1, lastNumber, next);
            }

            other ??= search.Hits(..1)[0];
        }

        return new LogSearchPage(other is null ? [] : [other], other is null ? 0 : 1, lastNumber, next);
    }

    public async Task<IReadOnlyList<LogHit>> WithContextAsync(IReadOnlyList<LogHit> hits, CancellationToken cancel)
    {
        var all = new List<LogHit>(hits.Count);
        LogBlock? block = null;
        foreach (var hit in hits)
        {
            var (from, to) = (Math.Max(1, hit.Number - request.Context), Math.Min(lastNumber, hit.Number + request.Context));
            var lines = new List<LogLine>();
            for (var number = from; number <= to; number = block.LastNumber + 1)
            {
                if (block is null || number < block.FirstNumber || number > block.LastNumber)
                {
                    block = await logs.ReadAsync(request.JobId, number - 1, 1, cancel) is [var found] ? found : null;
                }

                if (block is null)
                {
                    break;
                }

                lines.AddRange(block.Lines(number - 1).TakeWhile(l => l.Number <= to));
            }

            all.Add(
                hit with
                {
                    Before = [.. lines.Where(l => l.Number < hit.Number).Select(Cut)],
                    After = [.. lines.Where(l => l.Number > hit.Number).Select(Cut)],
                }
            );
        }

        return all;
    }

    private static LogLine Cut(LogLine line)
    {
        if (line.Text.Length <= MaxContextText)
        {
            return line;
        }

        var length = char.IsLowSurrogate(line.Text[MaxContextText]) ? MaxContextText - 1 : MaxContextText;
        return line with { Text = line.Text[..length] };
    }

    /// <summary>The blocks in the direction of the search. The next ones are read while the present ones are searched.</summary>
    private async IAsyncEnumerable<LogBlock> BlocksAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        long left = SearchJobLog.MaxBytes;
        var size = FirstBlocks;
        var reading = ReadAsync(isBackward ? last : first, size, stop.Token);
        try
        {
            while (await reading is { Count: > 0 } blocks)
            {
                var place = isBackward ? blocks[^1].FirstNumber - 1 : blocks[^1].LastNumber + 1;
                size = Math.Min(2 * size, MostBlocks);
                reading = ReadAsync(place, size, stop.Token);
                foreach (var block in blocks)
                {
                    cancel.ThrowIfCancellationRequested();
                    next = After(isBackward ? block.FirstNumber : block.LastNumber);
                    yield return block;
                    left -= block.Text.Length + BlockOverhead;
                    if (left <= 0 || next is null)
                    {
                        yield break;
                    }
                }
            }

            next = null;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<LogBlock>> ReadAsync(long place, int size, CancellationToken cancel) =>
        place < first || place > last ? []
        : isBackward ? await logs.ReadBackAsync(request.JobId, place + 1, size, cancel)
        : await logs.ReadAsync(request.JobId, place - 1, size, cancel);

    private long? After(long number) =>
        isBackward
            ? number > first
                ? number - 1
                : null
            : number < last
                ? number + 1
                : null;
}
