namespace Wombat.Application.Jobs;

/// <summary>What a caller does with a job.</summary>
public enum JobAction
{
    Retry,
    Cancel,
}
