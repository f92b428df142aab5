using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Application.Persistence;
using Wombat.Domain.Projects;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class ProjectTagConfiguration : IEntityTypeConfiguration<ProjectTag>
{
    public void Configure(EntityTypeBuilder<ProjectTag> builder)
    {
        builder.ToTable("project_tags");
        builder.HasKey(t => new { t.Tag, t.ProjectId }).HasName("pk_project_tags");
        builder.Property(t => t.Tag).HasMaxLength(Project.TagMax);
        builder.HasIndex(t => t.ProjectId).HasDatabaseName("ix_project_tags_project");
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(t => t.ProjectId)
            .HasConstraintName("fk_project_tags_project")
            .OnDelete(DeleteBehavior.Cascade);
    }
}
