using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

/// <summary>A page of a job's log: the first lines after a number, or the last lines before one.</summary>
/// <param name="Before">Null reads forward.</param>
[RequirePermission(Permission.JobRead)]
public sealed record GetJobLog(Guid JobId, long After, int Limit, long? Before = null) : IRequest<LogPage>, IJobScoped
{
    public const int DefaultLimit = 1000;
    public const int MaxLimit = 10_000;

    /// <summary>The maximum number of lines of a page. A page consists of whole blocks.</summary>
    public const int MaxBytes = 1024 * 1024;
}

internal sealed class GetJobLogValidator : AbstractValidator<GetJobLog>
{
    public GetJobLogValidator()
    {
        RuleFor(m => m.After).Place();
        RuleFor(m => m.Before).GreaterThan(0).WithMessage("must be at least 1");
        RuleFor(m => m.Limit).InclusiveBetween(1, GetJobLog.MaxLimit).WithMessage($"must be from 1 to {GetJobLog.MaxLimit}");
    }
}

internal sealed class GetJobLogHandler(IJobLogReader logs) : IRequestHandler<GetJobLog, LogPage>
{
    public async Task<LogPage> Handle(GetJobLog request, CancellationToken cancellationToken)
    {
        var outcome = await logs.OutcomeAsync(request.JobId, cancellationToken) ?? throw new NotFoundException("job");
        var last = await logs.LastNumberAsync(request.JobId, cancellationToken);
        var lines = request.Before is { } before
            ? await ReadBackAsync(request, before, cancellationToken)
            : await ReadAsync(request, cancellationToken);
        var (first, end) = lines.Count > 0 ? (lines[0].Number, lines[^1].Number) : (request.After + 1, Math.Max(request.After, last));
        return new LogPage(lines, last, end < last ? end : null, first > 1 && last > 0 ? first : null, outcome.IsEnd && end >= last);
    }

    private async Task<List<LogLine>> ReadAsync(GetJobLog request, CancellationToken cancel)
    {
        var lines = new List<LogLine>();
        var (after, bytes) = (request.After, 0);
        while (
            lines.Count < request.Limit
            && bytes < GetJobLog.MaxBytes
            && await logs.ReadAsync(request.JobId, after, 1, cancel) is [var block]
        )
        {
            lines.AddRange(block.Lines(after).Take(request.Limit - lines.Count));
            after = block.LastNumber;
            bytes += block.JsonSize;
        }

        return lines;
    }

    private async Task<List<LogLine>> ReadBackAsync(GetJobLog request, long before, CancellationToken cancel)
    {
        var lines = new List<LogLine>();
        var bytes = 0;
        while (
            lines.Count < request.Limit
            && bytes < GetJobLog.MaxBytes
            && await logs.ReadBackAsync(request.JobId, before, 1, cancel) is [var block]
        )
        {
            lines.InsertRange(0, block.Lines().TakeWhile(l => l.Number < before).TakeLast(request.Limit - lines.Count));
            before = block.FirstNumber;
            bytes += block.JsonSize;
        }

        return lines;
    }
}
