using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>Finds lines in a job's log.</summary>
/// <param name="Text">The text that lines contain; null for each line of the streams, or for the first error.</param>
/// <param name="From">The line to begin with; null begins at the end that the direction leaves behind.</param>
/// <param name="To">The line to end with; null goes on to the end of the log.</param>
/// <param name="Limit">How many lines the answer has at most; 0 only counts.</param>
/// <param name="Context">How many lines before and after each are answered with it.</param>
[RequirePermission(Permission.JobRead)]
public sealed record SearchJobLog(
    Guid JobId,
    string? Text,
    long? From,
    long? To,
    int Limit,
    SearchDirection Direction,
    bool IsCaseSensitive,
    bool WantsFirstError,
    IReadOnlyList<LogStream>? Streams,
    int Context
) : IRequest<LogSearchPage>, IJobScoped
{
    public const int TextMax = 200;
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;
    public const int ContextMax = 10;
    public const int MaxLimitWithContext = 100;

    /// <summary>How much of a log one answer searches.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;
}

internal sealed class SearchJobLogValidator : AbstractValidator<SearchJobLog>
{
    public SearchJobLogValidator()
    {
        RuleFor(m => m.Text)
            .Must(t => t is null or { Length: > 0 and <= SearchJobLog.TextMax })
            .WithMessage($"must have from 1 to {SearchJobLog.TextMax} characters")
            .PlainText()
            .Must((m, t) => t is null || !m.WantsFirstError)
            .WithMessage("cannot be given together with first_error")
            .Must((m, t) => t is not null || m.WantsFirstError || m.Streams is not null)
            .WithMessage("is required, unless first_error or stream is given")
            .OverridePropertyName("q");
        RuleFor(m => m.From).GreaterThan(0).WithMessage("must be at least 1");
        RuleFor(m => m.To).GreaterThan(0).WithMessage("must be at least 1");
        RuleFor(m => m.Limit)
            .InclusiveBetween(0, SearchJobLog.MaxLimit)
            .WithMessage($"must be from 0 to {SearchJobLog.MaxLimit}")
            .Must((m, limit) => m.Context == 0 || limit <= SearchJobLog.MaxLimitWithContext)
            .WithMessage($"must be at most {SearchJobLog.MaxLimitWithContext} with context");
        RuleFor(m => m.Context).InclusiveBetween(0, SearchJobLog.ContextMax).WithMessage($"must be from 0 to {SearchJobLog.ContextMax}");
        RuleFor(m => m.Direction)
            .Must((m, direction) => direction == SearchDirection.Forward || !m.WantsFirstError)
            .WithMessage("must be forward with first_error");
    }
}

internal sealed class SearchJobLogHandler(IJobLogReader logs, LogSearchLimit limit) : IRequestHandler<SearchJobLog, LogSearchPage>
{
    public async Task<LogSearchPage> Handle(SearchJobLog request, CancellationToken cancellationToken)
    {
        _ = await logs.OutcomeAsync(request.JobId, cancellationToken) ?? throw new NotFoundException("job");
        using var slot = await limit.EnterAsync(cancellationToken);
        var last = await logs.LastNumberAsync(request.JobId, cancellationToken);
        var run = new LogSearchRun(logs, request, last);
        var page = request.WantsFirstError ? await run.FindFirstErrorAsync(cancellationToken) : await run.FindAsync(cancellationToken);
        return request.Context == 0 ? page : page with { Items = await run.WithContextAsync(page.Items, cancellationToken) };
    }
}
