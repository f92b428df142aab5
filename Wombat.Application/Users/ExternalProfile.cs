using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>A profile that a directory or provider gave.</summary>
internal static class ExternalProfile
{
    private static readonly UserProfileValidator Validator = new();

    /// <summary>The profile without the fields that are not valid here.</summary>
    /// <param name="tell">Called with a sentence for each field that is left out.</param>
    public static UserProfile Clean(UserProfile profile, Action<string> tell)
    {
        foreach (var error in Validator.Validate(profile).Errors.DistinctBy(e => e.PropertyName, StringComparer.Ordinal))
        {
            switch (error.PropertyName)
            {
                case nameof(UserProfile.Email):
                    tell($"the e-mail address '{profile.Email}' is ignored: it {error.ErrorMessage}");
                    profile = profile with { Email = null };
                    break;
                case nameof(UserProfile.FullName):
                    tell($"the full name '{profile.FullName}' is ignored: it {error.ErrorMessage}");
                    profile = profile with { FullName = "" };
                    break;
            }
        }

        return profile;
    }
}
