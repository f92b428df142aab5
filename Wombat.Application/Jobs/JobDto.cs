using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AutoMapper;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>A job as the API shows it. Never its payload.</summary>
public class JobDto
{
    public Guid Id { get; init; }

    public string Kind { get; init; } = "";

    public JobState Status { get; init; }

    public int Attempt { get; init; }

    public int MaxAttempts { get; init; }

    public short Priority { get; init; }

    /// <summary>0 to 100, or null where it cannot be told.</summary>
    public short? Progress { get; init; }

    public JobErrorDto? Error { get; init; }

    /// <summary>A cancel was asked for and the job has not ended yet.</summary>
    public bool CancelRequested { get; init; }

    public Guid? ProjectId { get; init; }

    public Guid? ResourceId { get; init; }

    public string RequestedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the next attempt is due, for what waits.</summary>
    public DateTimeOffset RunAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What the caller may do with it now.</summary>
    [Required]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Actions { get; set; }
}

/// <summary>Why it failed or waits.</summary>
public sealed class JobErrorDto
{
    public string Code { get; init; } = "";

    public string Message { get; init; } = "";

    public bool Retryable { get; init; }
}

internal sealed class JobProfile : Profile
{
    public JobProfile()
    {
        // No map of JobError itself: AutoMapper 8 stumbles over source types that are records.
        CreateMap<Job, JobDto>()
            .ForMember(d => d.Actions, o => o.Ignore())
            .ForMember(d => d.Status, o => o.MapFrom(j => j.State))
            .ForMember(d => d.Error, o => o.MapFrom(j => j.Error == null ? null : new JobErrorDto { Code = j.Error.Code, Message = j.Error.Message, Retryable = j.Error.Retryable }));
        CreateMap<Job, AcceptedJob>().IncludeBase<Job, JobDto>().ForMember(d => d.JobId, o => o.MapFrom(j => j.Id));
    }
}
