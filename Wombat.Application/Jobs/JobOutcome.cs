using System.Text.Json.Serialization;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>A job's status, and the error of one that failed, was cancelled or interrupted, or waits for its next attempt.</summary>
public sealed record JobOutcome(JobState Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JobErrorDto? Error)
{
    [JsonIgnore]
    public bool IsEnd => Status.IsEnded();
}
