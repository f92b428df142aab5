using System.Text;
using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>A page of a job's log: lines after a number.</summary>
[RequirePermission(Permission.JobRead)]
public sealed record GetJobLog(Guid JobId, long After, int Limit) : IRequest<LogPage>, IJobScoped
{
    public const int DefaultLimit = 1000;
    public const int MaxLimit = 10_000;

    /// <summary>A page ends with the block of lines that reaches it, however few they are.</summary>
    public const int MaxBytes = 1024 * 1024;
}

internal sealed class GetJobLogValidator : AbstractValidator<GetJobLog>
{
    public GetJobLogValidator()
    {
        RuleFor(m => m.After).Place();
        RuleFor(m => m.Limit).InclusiveBetween(1, GetJobLog.MaxLimit).WithMessage($"must be from 1 to {GetJobLog.MaxLimit}");
    }
}

internal sealed class GetJobLogHandler(IWombatDbContext db, IJobLogReader logs) : IRequestHandler<GetJobLog, LogPage>
{
    public async Task<LogPage> Handle(GetJobLog request, CancellationToken cancellationToken)
    {
        // The state is read first: a job that has ended writes no more, so what is read after it is all there is.
        var state =
            await db
                .Jobs.AsNoTracking()
                .Where(j => j.Id == request.JobId)
                .Select(j => (JobState?)j.State)
                .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("job");
        var lines = new List<LogLine>();
        var (after, bytes) = (request.After, 0);
        while (lines.Count <= request.Limit && bytes < GetJobLog.MaxBytes)
        {
            var blocks = await logs.ReadAsync(request.JobId, after, 1, cancellationToken);
            if (blocks.Count == 0)
            {
                break;
            }

            lines.AddRange(
                blocks
                    .SelectMany(b => JsonSerializer.Deserialize<LogLine[]>(b.Json, WombatJson.Options)!)
                    .Where(l => l.Number > request.After)
            );
            after = blocks[^1].LastNumber;
            bytes += Encoding.UTF8.GetByteCount(blocks[^1].Json);
        }

        var more = lines.Count > request.Limit || bytes >= GetJobLog.MaxBytes;
        var items = lines.Count > request.Limit ? lines[..request.Limit] : lines;
        var ended = state.IsEnded();
        return new LogPage(items, more ? items[^1].Number : null, ended && !more);
    }
}
