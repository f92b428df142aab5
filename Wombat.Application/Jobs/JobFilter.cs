using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

public sealed record JobFilter(
    Guid? ProjectId = null,
    Guid? ResourceId = null,
    IReadOnlyList<JobState>? Statuses = null,
    string? Kind = null
);
