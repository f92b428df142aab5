using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>Finds lines in the logs of runs, those of the newest runs first.</summary>
/// <param name="Text">The text that lines contain.</param>
/// <param name="Context">How many lines before and after each are answered with it.</param>
/// <param name="Page">How many runs the answer has at most, and where it begins.</param>
[RequirePermission(Permission.JobRead)]
public sealed record SearchRuns(string? Text, bool IsCaseSensitive, int Context, PageRequest Page, RunFilter Filter)
    : IRequest<RunSearchPage>,
        IProjectScoped
{
    /// <summary>How many lines of each run are answered.</summary>
    public const int LinesOfRun = 3;

    Guid? IProjectScoped.ProjectId => Filter.ProjectId;
}

internal sealed class SearchRunsValidator : AbstractValidator<SearchRuns>
{
    public SearchRunsValidator()
    {
        RuleFor(m => m.Text)
            .Must(t => t is { Length: > 0 and <= SearchJobLog.TextMax })
            .WithMessage($"must have from 1 to {SearchJobLog.TextMax} characters")
            .PlainText()
            .OverridePropertyName("q");
        RuleFor(m => m.Context).InclusiveBetween(0, SearchJobLog.ContextMax).WithMessage($"must be from 0 to {SearchJobLog.ContextMax}");
        RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
        this.ValidFilter(m => m.Filter);
    }
}

internal sealed class SearchRunsHandler(
    RunQueries queries,
    RunActions actions,
    IJobLogReader logs,
    LogSearchLimit limit,
    TimeProvider clock
) : IRequestHandler<SearchRuns, RunSearchPage>
{
    private const string Sort = "-" + CreatedAtPaging.Sort;
    private const int FirstRuns = 20;
    private const int MostRuns = 2000;

    // An answer comes soon, and sooner with what was found; the caller continues.
    private static readonly TimeSpan SearchTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeWithHits = TimeSpan.FromMilliseconds(150);

    // A group of runs that takes longer is made smaller.
    private static readonly TimeSpan GroupTime = TimeSpan.FromMilliseconds(100);

    public async Task<RunSearchPage> Handle(SearchRuns request, CancellationToken cancellationToken)
    {
        using var slot = await limit.EnterAsync(cancellationToken);
        var begin = clock.GetTimestamp();
        var cursor = Cursor.Decode(request.Page.Cursor, Sort);
        var found = new Dictionary<Guid, LogSearchPage>();
        var (searched, backTo, size) = (0, (DateTimeOffset?)null, FirstRuns);
        bool IsEnough() =>
            found.Count == request.Page.Take || searched > 0 && clock.GetElapsedTime(begin) > (found.Count > 0 ? TimeWithHits : SearchTime);
        while (true)
        {
            var groupBegin = clock.GetTimestamp();
            var runs = await NextAsync(request.Filter, cursor, size, cancellationToken);
            if (await CandidatesAsync(request, runs, cancellationToken) is not { } candidates)
            {
                size = Math.Max(1, runs.Count / 8);
                continue;
            }

            foreach (var (id, requestedAt) in runs.TakeWhile(_ => !IsEnough()))
            {
                if (candidates.TryGetValue(id, out var candidate))
                {
                    var hits = await FindAsync(request, candidate, cancellationToken);
                    _ = hits.Items.Count == 0 || found.TryAdd(id, hits);
                }

                (cursor, backTo) = (new Cursor(Sort, "", id), requestedAt);
                searched++;
            }

            var isEnd = runs.Count < size && (runs.Count == 0 || cursor!.Id == runs[^1].Id);
            if (isEnd || IsEnough())
            {
                var items = await ShowAsync(request, found, cancellationToken);
                return new RunSearchPage(items, isEnd ? null : cursor!.Encode(), searched, backTo);
            }

            size = clock.GetElapsedTime(groupBegin) < GroupTime ? Math.Min(2 * size, MostRuns) : Math.Max(size / 2, 1);
        }
    }

    private async Task<List<(Guid Id, DateTimeOffset RequestedAt)>> NextAsync(
        RunFilter filter,
        Cursor? after,
        int size,
        CancellationToken cancel
    )
    {
        var runs = await queries
            .Page(filter with { IncludesParts = true }, Permission.JobRead, Sort, after)
            .Take(size)
            .Select(r => new { r.Run.Id, r.Job.CreatedAt })
            .ToListAsync(cancel);
        return runs.ConvertAll(r => (r.Id, r.CreatedAt));
    }

    /// <summary>The logs that may contain the text, by their jobs; null if it takes too long to tell for so many.</summary>
    private async Task<Dictionary<Guid, LogCandidate>?> CandidatesAsync(
        SearchRuns request,
        List<(Guid Id, DateTimeOffset)> runs,
        CancellationToken cancel
    )
    {
        var ids = runs.ConvertAll(r => r.Id);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        soon.CancelAfter(SearchTime);
        try
        {
            var candidates = await logs.FindCandidatesAsync(ids, request.Text!, request.IsCaseSensitive, soon.Token);
            return candidates.ToDictionary(c => c.JobId);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // A single log is read as a search in it does.
            return ids is [var one] ? new() { [one] = new LogCandidate(one, 1, await logs.LastNumberAsync(one, cancel)) } : null;
        }
    }

    private async Task<LogSearchPage> FindAsync(SearchRuns request, LogCandidate log, CancellationToken cancel)
    {
        for (var from = log.From; ; )
        {
            var search = new SearchJobLog(
                log.JobId,
                request.Text,
                from,
                null,
                SearchRuns.LinesOfRun,
                SearchDirection.Forward,
                request.IsCaseSensitive,
                WantsFirstError: false,
                null,
                request.Context
            );
            var run = new LogSearchRun(logs, search, log.LastNumber);
            var page = await run.FindAsync(cancel);
            if (page.Items.Count > 0 || page.Next is null)
            {
                return request.Context == 0 ? page : page with { Items = await run.WithContextAsync(page.Items, cancel) };
            }

            from = page.Next.Value;
        }
    }

    private async Task<IReadOnlyList<RunHits>> ShowAsync(
        SearchRuns request,
        Dictionary<Guid, LogSearchPage> found,
        CancellationToken cancel
    )
    {
        // What was found is answered even if its state has changed since.
        var filter = request.Filter with
        {
            IncludesParts = true,
            Statuses = null,
            ExitCode = null,
            AwaitsApproval = false,
        };
        var ids = found.Keys.ToList();
        var rows = await queries.Page(filter, Permission.JobRead, Sort, null).Where(r => ids.Contains(r.Run.Id)).ToListAsync(cancel);
        var runs = await actions.ApplyAsync(rows.ConvertAll(r => RunDto.Of(r.Run, r.Job)), cancel);
        return [.. runs.Select(r => new RunHits(r, found[r.Id].Items, found[r.Id].Next))];
    }
}
