namespace Wombat.Application.Jobs;

/// <summary>An action of a caller on a job.</summary>
public enum JobAction
{
    Retry,
    Cancel,
}
