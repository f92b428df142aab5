using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AutoMapper;
using Wombat.Application.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>Work that takes time, with its progress and result.</summary>
public class JobDto : IHasActions
{
    public Guid Id { get; init; }

    /// <summary>What the job does, such as resource.provision.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The job has ended when it is succeeded, failed, cancelled or interrupted.</summary>
    public JobState Status { get; init; }

    /// <summary>The number of the present attempt; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>The maximum number of attempts.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>Lower ones run first.</summary>
    public short Priority { get; init; }

    /// <summary>The progress in percent; null if unknown.</summary>
    public short? Progress { get; init; }

    /// <summary>Why the job failed, was cancelled or interrupted, or waits for its next attempt.</summary>
    public JobErrorDto? Error { get; init; }

    /// <summary>Whether the cancellation was requested and the job has not ended yet.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>The project that the job belongs to; null for jobs of the platform.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>The name of the project; null if there is none, or if it is deleted.</summary>
    public string? ProjectName { get; set; }

    /// <summary>The resource that the job works on, such as a container.</summary>
    public Guid? ResourceId { get; init; }

    /// <summary>The name of the resource; null if there is none.</summary>
    public string? ResourceName { get; set; }

    /// <summary>The job that started this one; null if a request did.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>Who requested it: a login, a service account, or system.</summary>
    public string RequestedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the next attempt is due; for a job that waits.</summary>
    public DateTimeOffset RunAt { get; init; }

    /// <summary>When the present attempt began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the job ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The number of the last line of its log; only in the answer about one job.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? LastLogNumber { get; set; }

    /// <summary>What the caller may do with it in its present state.</summary>
    [Required]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Actions { get; set; }
}

internal sealed class JobProfile : Profile
{
    public JobProfile()
    {
        CreateMap<Job, JobDto>()
            .ForMember(d => d.Actions, o => o.Ignore())
            .ForMember(d => d.LastLogNumber, o => o.Ignore())
            .ForMember(d => d.ProjectName, o => o.Ignore())
            .ForMember(d => d.ResourceName, o => o.Ignore())
            .ForMember(d => d.Status, o => o.MapFrom(j => j.State))
            .ForMember(
                d => d.Error,
                o =>
                    o.MapFrom(j =>
                        j.Error == null
                            ? null
                            : new JobErrorDto
                            {
                                Code = j.Error.Code,
                                Message = j.Error.Message,
                                Retryable = j.Error.Retryable,
                            }
                    )
            );
        CreateMap<Job, AcceptedJob>().IncludeBase<Job, JobDto>().ForMember(d => d.JobId, o => o.MapFrom(j => j.Id));
    }
}
