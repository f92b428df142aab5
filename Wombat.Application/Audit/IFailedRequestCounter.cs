namespace Wombat.Application.Audit;

/// <summary>Limits how many failed requests are written to the audit; the rest are counted.</summary>
public interface IFailedRequestCounter
{
    /// <summary>Whether a failed request of this source is still written to the audit.</summary>
    /// <param name="source">The caller, or the address of an unknown caller.</param>
    /// <param name="isKnown">Whether a credential identifies the caller.</param>
    bool TryTakeBudget(string source, bool isKnown);

    /// <summary>Counts a failed request that is not written to the audit.</summary>
    void Count(string source, int status);
}
